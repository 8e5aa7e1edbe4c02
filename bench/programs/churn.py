"""churn.py ROUNDS: objects, dictionaries, strings."""
import sys


class Node:
    def __init__(self, key, children):
        self.key, self.children, self.tag = key, children, "n%d" % key


def tree(depth, key):
    if depth == 0:
        return Node(key, ())
    return Node(key, [tree(depth - 1, 2 * key), tree(depth - 1, 2 * key + 1)])


def count(node):
    return 1 + sum(map(count, node.children))


def groups(size):
    found = {}
    for i in range(size):
        found.setdefault("key-%d" % (i * 7919 % 5003), []).append((i, str(i)))
    return found


def text(size):
    return "".join(sorted(("%06d" % i) + "abc" * (i % 7) for i in range(size)))


total, kept = 0, []
for number in range(1, int(sys.argv[1]) + 1):
    found = groups(30000)
    total += count(tree(11, number)) + len(found) + len(text(20000))
    kept.append(list(found.values())[:50])
print(total)
