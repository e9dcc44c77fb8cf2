"""What the tests with a cluster share: the operator as a user has it, and objects for it to work on."""
