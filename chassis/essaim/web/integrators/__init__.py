"""What an integrator needs of the hub: every fact explained, and packages to install."""
