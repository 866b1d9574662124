"""The parts of Copydesk on one machine: set up, started, watched, ended.

``python -m local`` is what the Makefile calls. Nothing of the application imports this
package, and it imports nothing of the application but the gateway (for simulated
annotators): it drives the same commands a person would type.
"""
