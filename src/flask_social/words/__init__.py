"""Words for people: what a provider is, wants and gives, read out of its declaration.

The commands, the documentation and an application's own pages all tell the same.
"""
