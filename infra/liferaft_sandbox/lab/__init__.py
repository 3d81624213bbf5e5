"""What worlds are made of: namespaces, real hosts and their images, disks, gateways, counters."""
