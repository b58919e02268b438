"""What all readers ask of tree-sitter's trees."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node


def first_error(root: Node) -> Node | None:
    """The first node that is not of the language, or that is missing; None where there is none."""
    if not root.has_error:
        return None
    stack = [root]
    while stack:
        node = stack.pop()
        if node.is_error or node.is_missing:
            return node
        stack += [child for child in reversed(node.children) if child.has_error or child.is_missing]
    return None
