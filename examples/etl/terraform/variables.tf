variable "airflow_version" {
  type    = string
  default = "2.10.3"
}

variable "private_subnet_ids" {
  type = list(string)
}
