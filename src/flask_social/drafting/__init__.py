"""The first draft of a provider, out of its addresses and a sample of what it answers.

A draft is what a person goes on from. It works for the sample, and says what was guessed.
"""
