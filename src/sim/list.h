/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The house's list: doubly linked, its nodes inside of what is listed, so that joining and leaving take
 * neither memory nor a search.  It belongs to everybody, and needs nobody.
 *
 * All zero is an empty list, and a node in none.  A node is in one list at most.
 */
#ifndef SIM_LIST_H
#define SIM_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct list_node {
	struct list_node *next, *prev;
};

struct list {
	struct list_node *first, *last;
};

static inline void *list_item(const struct list_node *node, size_t offset) {
	return node ? (void *)((uintptr_t)node - offset) : NULL;
}

/* The first of a list, the last, and an item's neighbours, by the name of the node in it; NULL: none.
 * Whoever lets an item go during a walk asks for the next one before. */
#define LIST_FIRST(list, type, node) ((type *)list_item((list)->first, offsetof(type, node)))
#define LIST_LAST(list, type, node) ((type *)list_item((list)->last, offsetof(type, node)))
#define LIST_NEXT(item, type, node) ((type *)list_item((item)->node.next, offsetof(type, node)))
#define LIST_PREV(item, type, node) ((type *)list_item((item)->node.prev, offsetof(type, node)))

static inline bool list_has(const struct list *list, const struct list_node *node) {
	return node->prev || list->first == node;
}

/* Behind `after`, which is in the list; NULL: to the front. */
static inline void list_add_after(struct list *list, struct list_node *after,
                                  struct list_node *node) {
	node->prev = after;
	node->next = after ? after->next : list->first;
	*(after ? &after->next : &list->first) = node;
	*(node->next ? &node->next->prev : &list->last) = node;
}

static inline void list_add_first(struct list *list, struct list_node *node) {
	list_add_after(list, NULL, node);
}

static inline void list_add_last(struct list *list, struct list_node *node) {
	list_add_after(list, list->last, node);
}

/* Nothing if the node is in no list. */
static inline void list_remove(struct list *list, struct list_node *node) {
	if (!list_has(list, node))
		return;
	*(node->prev ? &node->prev->next : &list->first) = node->next;
	*(node->next ? &node->next->prev : &list->last) = node->prev;
	node->next = node->prev = NULL;
}

#endif
