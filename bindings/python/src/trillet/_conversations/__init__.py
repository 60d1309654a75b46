"""Scripted conversations with agents: what ``trillet test`` reads, holds and judges."""
