"""One shop on several sites: the request's host name decides, there is no SITE_ID."""
