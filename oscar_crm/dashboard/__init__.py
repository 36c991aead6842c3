"""The CRM's pages in Oscar's dashboard."""
