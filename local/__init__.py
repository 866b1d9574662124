"""The parts of Copydesk on one machine: set up, started, watched, ended.

``python -m local`` is what the Makefile calls. Nothing of the application imports this
package. It drives the same commands a person would type; only two child processes import
more than the standard library: the one that runs those commands (``command_loop``) and the
simulated annotators (``at_work``).
"""
