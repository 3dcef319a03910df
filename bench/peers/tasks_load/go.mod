module horolog/tasks_load

go 1.19
