"""The services over Kafka and PostgreSQL: the same handlers as in the embedded run, as many processes as the load asks for."""
