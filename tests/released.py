"""The codes of this release. A rule leaves the book by a decision, not by a deleted file."""

CODES = [
    *("MW001", "MW002", "MW003"),
    *(
        "MW101",
        "MW102",
        "MW103",
        "MW105",
        "MW106",
        "MW107",
        "MW108",
        "MW109",
        "MW110",
        "MW111",
        "MW112",
        "MW113",
        "MW114",
    ),
    *("MW115", "MW116", "MW117", "MW118", "MW119", "MW120", "MW121", "MW122", "MW123", "MW124", "MW125", "MW126"),
    *("MW201", "MW204", "MW210", "MW213", "MW214", "MW215", "MW216", "MW218"),
    *("MW231", "MW232", "MW233", "MW234", "MW235", "MW237", "MW244", "MW245"),
    *("MW205", "MW229", "MW240"),
    *("MW206", "MW219", "MW221", "MW223", "MW224", "MW228", "MW230", "MW236", "MW241", "MW248"),
    *("MW403", "MW432"),
    "MW501",
]
