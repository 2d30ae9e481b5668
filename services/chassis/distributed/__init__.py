"""The services over Kafka and PostgreSQL: a process a service and as many copies as the load asks for, none of which loses or doubles a fact.

A turn of a service is one PostgreSQL transaction: its state, the facts that follow in its outbox, and how far it has read. It is acknowledged
to Kafka afterwards; a relay moves the outbox to Kafka.
"""
