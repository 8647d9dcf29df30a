"""What all calls of the JSON API share: keys, problem details, cursor pages, idempotency, the OpenAPI document."""
