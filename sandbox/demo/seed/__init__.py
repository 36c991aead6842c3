"""A generated but lifelike shop: products, customers and eighteen months of orders."""
