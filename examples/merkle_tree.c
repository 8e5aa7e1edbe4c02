/* merkle_tree.c - a tree of hashes over blocks of data: built, verified, changed, proved.
 *
 *     memscope run -- build/examples/merkle_tree
 *
 * A node owns its children, a leaf its data; each knows the hash of all below. Changing one leaf replaces
 * the nodes on its way to the root and shares all others with the tree before, as version control does:
 * one tracked variable per version, and what only the old version used is freed.
 *
 * Its books: nodes and data built and replaced, per function that allocates; the tracked leaves and roots;
 * that nothing is alive at the end but the proof that was kept. */
#include <string.h>

#include "memscope.h"
#include "memscope/type.h"
#include "example.h"

enum { LEAVES = 1024, LEVELS = 10, DATA = 96, CHANGES = 50 };

struct node {
    uint64_t hash;
    struct node *left, *right; /* NULL in a leaf */
    unsigned char *data;       /* DATA bytes; NULL but in a leaf */
};

static struct books leaf_books, inner_books, proof_books;
static uint64_t *proof;

/* FNV-1a. */
static uint64_t hash_bytes(const void *bytes, size_t size, uint64_t hash) {
    for (const unsigned char *at = bytes; size > 0; at++, size--)
        hash = (hash ^ *at) * 0x100000001b3u;
    return hash;
}

static uint64_t hash_pair(uint64_t left, uint64_t right) {
    uint64_t pair[2] = {left, right};
    return hash_bytes(pair, sizeof pair, 0xcbf29ce484222325u);
}

static struct node *new_leaf(unsigned number, unsigned version) {
    struct node *leaf = take(&leaf_books, sizeof *leaf);
    MEMSCOPE_TRACK(leaf);
    unsigned char *data = take(&leaf_books, DATA);
    memset(data, (int)((number + version) % 251), DATA);
    *leaf = (struct node){hash_bytes(data, DATA, number), NULL, NULL, data};
    return leaf;
}

static struct node *new_inner(struct node *left, struct node *right) {
    struct node *node = take(&inner_books, sizeof *node);
    *node = (struct node){hash_pair(left->hash, right->hash), left, right, NULL};
    return node;
}

static struct node *build(unsigned first, unsigned count) {
    if (count == 1)
        return new_leaf(first, 0);
    struct node *left = build(first, count / 2);
    return new_inner(left, build(first + count / 2, count / 2));
}

static void free_node(struct node *node) {
    if (node->data != NULL) {
        give_back(&leaf_books, node->data, DATA);
        give_back(&leaf_books, node, sizeof *node);
    } else {
        give_back(&inner_books, node, sizeof *node);
    }
}

static void free_tree(struct node *node) {
    if (node->left != NULL) {
        free_tree(node->left);
        free_tree(node->right);
    }
    free_node(node);
}

/* A new version of the tree; the nodes it does not share with the old one are freed there. */
static struct node *change(struct node *node, unsigned leaf, unsigned levels, unsigned version) {
    struct node *changed;
    if (levels == 0) {
        changed = new_leaf(leaf, version);
    } else if (leaf >> (levels - 1) & 1) {
        struct node *left = node->left;
        changed = new_inner(left, change(node->right, leaf, levels - 1, version));
    } else {
        struct node *right = node->right;
        changed = new_inner(change(node->left, leaf, levels - 1, version), right);
    }
    free_node(node);
    return changed;
}

/* The hashes beside the way from the root to a leaf: LEVELS of them prove the leaf. */
static uint64_t *prove(const struct node *root, unsigned leaf) {
    uint64_t *hashes = take(&proof_books, LEVELS * sizeof *hashes);
    for (unsigned level = LEVELS; level-- > 0;) {
        int right = leaf >> level & 1;
        hashes[level] = right ? root->left->hash : root->right->hash;
        root = right ? root->right : root->left;
    }
    return hashes;
}

static int holds(const uint64_t *hashes, unsigned leaf, uint64_t leaf_hash, uint64_t root_hash) {
    for (unsigned level = 0; level < LEVELS; level++)
        leaf_hash = leaf >> level & 1 ? hash_pair(hashes[level], leaf_hash)
                                      : hash_pair(leaf_hash, hashes[level]);
    return leaf_hash == root_hash;
}

int main(void) {
    MEMSCOPE_STRUCT(struct node, hash, left, right, data);
    struct node *root = build(0, LEAVES);
    for (unsigned i = 1; i <= CHANGES; i++) {
        root = change(root, i * 37 % LEAVES, LEVELS, i);
        MEMSCOPE_TRACK(root);
    }
    unsigned char data[DATA];
    memset(data, (37 + 1) % 251, DATA);
    proof = prove(root, 37);
    MEMSCOPE_TRACK(proof);
    NEED(holds(proof, 37, hash_bytes(data, DATA, 37), root->hash));
    NEED(!holds(proof, 38, hash_bytes(data, DATA, 38), root->hash));
    free_tree(root);

    NEED(leaf_books.allocations == 2 * (LEAVES + CHANGES));
    NEED(inner_books.allocations == LEAVES - 1 + LEVELS * CHANGES);
    print_books("site.new_leaf", &leaf_books);
    print_books("site.new_inner", &inner_books);
    print_books("site.prove", &proof_books);
    printf("variable.leaf.count=%d\n", LEAVES + CHANGES);
    printf("variable.leaf.bytes=%zu\n", (LEAVES + CHANGES) * sizeof(struct node));
    printf("variable.leaf.alive=0\n");
    printf("variable.root.count=%d\n", CHANGES);
    printf("variable.root.size=%zu\n", sizeof(struct node));
    printf("variable.root.alive=0\n");
    printf("variable.proof.size=%zu\n", LEVELS * sizeof *proof);
    printf("variable.proof.alive=1\n");
    return 0;
}
