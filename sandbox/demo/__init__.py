"""What makes the sandbox a lively shop: demo data, an invoice loader and a delivery charge."""
