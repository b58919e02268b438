resource "aws_mwaa_environment" "etl" {
  name              = "etl-prod"
  airflow_version   = var.airflow_version
  environment_class = "mw1.medium"
  min_workers       = 3
  max_workers       = 10

  source_bucket_arn    = aws_s3_bucket.airflow.arn
  execution_role_arn   = aws_iam_role.airflow.arn
  dag_s3_path          = "dags"
  requirements_s3_path = aws_s3_object.requirements.key

  network_configuration {
    security_group_ids = [aws_security_group.airflow.id]
    subnet_ids         = var.private_subnet_ids
  }
}

resource "aws_s3_object" "requirements" {
  bucket = aws_s3_bucket.airflow.id
  key    = "requirements.txt"
  source = "${path.module}/../requirements.txt"
  etag   = filemd5("${path.module}/../requirements.txt")
}
