"""Controllers: informers, work queues, reconcilers, leader election, the manager that runs them."""
