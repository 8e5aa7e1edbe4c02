import os
class First:
    """Text."""
    def one(self, a):
        def inner(): pass
        return lambda x: x
    @staticmethod
    def two(): pass
class Second(First): value = 3
def top(x): return x
