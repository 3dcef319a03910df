module horolog/tasks_rabbitmq

go 1.19

require github.com/rabbitmq/amqp091-go v1.9.0

require horolog/tasks_load v0.0.0

replace horolog/tasks_load => ../tasks_load
