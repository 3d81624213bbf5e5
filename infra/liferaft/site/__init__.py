"""What a site of the application is: its servers and what each is for, its stack, connections."""
