/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list: order from both ends, leaving from everywhere. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "run_suite.h"
#include "sim/list.h"

struct item {
	char name;
	struct list_node node;
};

/* Both ways say the same. */
static void expect(const struct list *list, const char *names) {
	const char *at = names;

	for (struct item *i = LIST_FIRST(list, struct item, node); i;
	     i = LIST_NEXT(i, struct item, node))
		ck_assert_int_eq(i->name, *at++);
	ck_assert_int_eq(*at, 0);
	for (struct item *i = LIST_LAST(list, struct item, node); i;
	     i = LIST_PREV(i, struct item, node)) {
		ck_assert(at > names);
		ck_assert_int_eq(i->name, *--at);
	}
	ck_assert_ptr_eq(at, names);
}

START_TEST(items_join_at_both_ends_and_between) {
	struct item a = {.name = 'a'}, b = {.name = 'b'}, c = {.name = 'c'}, d = {.name = 'd'};
	struct list list = {0};

	expect(&list, "");
	list_add_last(&list, &b.node);
	expect(&list, "b");
	list_add_first(&list, &a.node);
	list_add_last(&list, &d.node);
	expect(&list, "abd");
	list_add_after(&list, &b.node, &c.node);
	expect(&list, "abcd");
}
END_TEST

START_TEST(items_leave_from_everywhere_once) {
	struct item items[4] = {{.name = 'a'}, {.name = 'b'}, {.name = 'c'}, {.name = 'd'}};
	struct list list = {0};

	for (int i = 0; i < 4; i++)
		list_add_last(&list, &items[i].node);
	list_remove(&list, &items[1].node);
	expect(&list, "acd");
	ck_assert(!list_has(&list, &items[1].node));
	list_remove(&list, &items[1].node);
	list_remove(&list, &items[0].node);
	expect(&list, "cd");
	list_remove(&list, &items[3].node);
	expect(&list, "c");
	ck_assert(list_has(&list, &items[2].node));
	list_remove(&list, &items[2].node);
	expect(&list, "");
	ck_assert(!list_has(&list, &items[2].node));
	list_add_first(&list, &items[0].node);
	expect(&list, "a");
}
END_TEST

int main(void) {
	TCase *tcase = tcase_create("list");
	Suite *suite = suite_create("list");

	tcase_add_test(tcase, items_join_at_both_ends_and_between);
	tcase_add_test(tcase, items_leave_from_everywhere_once);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
