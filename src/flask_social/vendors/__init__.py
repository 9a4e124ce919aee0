"""Vendors' client libraries, one file each, on authorised sessions of ours.

A file is imported with its provider, the library only when an application asks for a client.
"""
