/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Light contexts: with this processor's switch, and built once more with the C library's. */
#include <check.h>
#include <glib.h>
#include <signal.h>

#include "run_suite.h"
#include "sim/ctx.h"

static struct ctx *here, *one, *two;
static GString *logged;

static void setup(void) {
	here = ctx_here();
	logged = g_string_new(NULL);
}

static void teardown(void) {
	ctx_free(one);
	ctx_free(two);
	ctx_free(here);
	one = two = NULL;
	g_string_free(logged, TRUE);
}

static void talk_one(void *arg) {
	for (int i = 0;; i++) {
		g_string_append_printf(logged, "%s%d ", (const char *)arg, i);
		ctx_switch(one, two);
	}
}

static void talk_two(void *arg) {
	for (double half = 0.5;; half++) {
		g_string_append_printf(logged, "%s%.1f ", (const char *)arg, half);
		ctx_switch(two, half < 2 ? one : here);
	}
}

START_TEST(contexts_take_turns_and_keep_their_place) {
	one = ctx_new(talk_one, "a");
	two = ctx_new(talk_two, "b");
	ctx_switch(here, one);
	ck_assert_str_eq(logged->str, "a0 b0.5 a1 b1.5 a2 b2.5 ");
	ctx_switch(here, one);
	ck_assert_str_eq(logged->str, "a0 b0.5 a1 b1.5 a2 b2.5 a3 b3.5 ");
	ctx_end(here, one);
	ctx_end(here, two);
}
END_TEST

static void note(const int *depth) { g_string_append_printf(logged, "%d ", *depth); }

static void deeper(int depth) {
	__attribute__((cleanup(note))) int here_it_is = depth;

	if (here_it_is == 5)
		ctx_switch(one, here);
	else
		deeper(depth + 1);
	g_string_append(logged, "left ");
}

static void descend(void *unused) {
	(void)unused;
	deeper(1);
}

START_TEST(what_a_scope_cleans_up_is_when_its_context_ends) {
	one = ctx_new(descend, NULL);
	ctx_switch(here, one);
	ck_assert_str_eq(logged->str, "");
	ctx_end(here, one);
	ck_assert_str_eq(logged->str, "5 4 3 2 1 ");
}
END_TEST

/* A page at a time, so that what is meant to be hit cannot be jumped over. */
static unsigned over(unsigned depth) {
	volatile char page[2048] = {0};

	page[depth % sizeof page] = 1;
	return depth > (1U << 30) ? depth : over(depth + 1) + page[0];
}

static void overflow(void *unused) {
	(void)unused;
	over(0);
}

/* A program with AddressSanitizer dies of it as any other. */
const char *
__asan_default_options(void); /* NOLINT(bugprone-reserved-identifier): its name for it */
const char *__asan_default_options(void) { return "handle_segv=0"; } /* NOLINT */

START_TEST(a_stack_that_is_too_small_ends_the_program) {
	one = ctx_new(overflow, NULL);
	ctx_switch(here, one);
}
END_TEST

/* More than the kernel has mappings for: the last have no guards, and run. */
static unsigned runs;

static void count(void *arg) {
	struct ctx **self = arg;

	runs++;
	ctx_switch(*self, here);
}

START_TEST(forty_thousand_of_them_live_at_once) {
	enum { MANY = 40000 };
	struct ctx **many = g_new0(struct ctx *, MANY);

	runs = 0;
	for (unsigned i = 0; i < MANY; i++)
		many[i] = ctx_new(count, &many[i]);
	for (unsigned i = 0; i < MANY; i += 1000)
		ctx_switch(here, many[i]);
	ctx_switch(here, many[MANY - 1]);
	ck_assert_uint_eq(runs, 41);
	for (unsigned i = 0; i < MANY; i++)
		ctx_free(many[i]);
	g_free(many);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("ctx");
	TCase *tc = tcase_create("ctx");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, contexts_take_turns_and_keep_their_place);
	tcase_add_test(tc, what_a_scope_cleans_up_is_when_its_context_ends);
	tcase_add_test(tc, forty_thousand_of_them_live_at_once);
	/* Needs a process of its own to die in. */
	if (!g_getenv("CK_FORK") || !g_str_equal(g_getenv("CK_FORK"), "no"))
		tcase_add_test_raise_signal(tc, a_stack_that_is_too_small_ends_the_program,
		                            SIGSEGV);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
