"""Jobs of a schedule, hung on moves as data is: nothing of them is kept, no drill runs any."""
