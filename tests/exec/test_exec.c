/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Real programs, below any: the table of calls, what goes between memories, lines of the log.  The "program"
 * is this process itself. */
#include <arpa/inet.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "exec/log.h"
#include "exec/memory.h"
#include "exec/pages.h"
#include "exec/status.h"
#include "exec/table.h"
#include "host/file/file_syscalls.h"
#include "run_suite.h"
#include "world.h"

#define AT(p) ((uint64_t)(uintptr_t)(p))

/* --- the table ---------------------------------------------------------------------------------- */

/* Numbers that no kernel of today serves, and one that is about memory of machines with several nodes. */
static const int unserved[] = {
	SYS_uselib,          SYS__sysctl,        SYS_create_module, SYS_get_kernel_syms,
	SYS_query_module,    SYS_nfsservctl,     SYS_getpmsg,       SYS_putpmsg,
	SYS_afs_syscall,     SYS_tuxcall,        SYS_security,      SYS_set_thread_area,
	SYS_get_thread_area, SYS_lookup_dcookie, SYS_epoll_ctl_old, SYS_epoll_wait_old,
	SYS_vserver,         SYS_sysfs,
};

static bool is_unserved(int nr) {
	for (size_t i = 0; i < G_N_ELEMENTS(unserved); i++)
		if (unserved[i] == nr)
			return true;
	return false;
}

START_TEST(each_call_has_a_row) {
	table_install();
	/* Of those that have come by Linux 4.17, after which numbers jump. */
	for (int nr = SYS_read; nr <= SYS_rseq; nr++)
		ck_assert_msg(!call_row(nr) == is_unserved(nr), "call %d", nr);
	for (int nr = SYS_pidfd_send_signal; nr <= SYS_futex_waitv; nr++)
		ck_assert_msg(call_row(nr), "call %d", nr);
	ck_assert_ptr_null(call_row(-1));
	ck_assert_ptr_null(call_row(INT_MAX));
}
END_TEST

START_TEST(rows_are_what_their_class_says) {
	table_install(); /* which sees that no number has two */
	for (int nr = 0; nr < NUMBERS_MOST; nr++) {
		const struct call_row *row = call_row(nr);

		if (!row)
			continue;
		/* Of no call more than six arguments are shown. */
		ck_assert_int_eq(row->nr, nr);
		ck_assert_uint_le(strlen(row->format), 6);
		ck_assert_uint_eq(strspn(row->format, "duxsa."), strlen(row->format));
		ck_assert_int_eq(row->class == CLASS_SIMULATED || row->class == CLASS_LOOKED_AT,
		                 row->handler != NULL);
		ck_assert_int_eq(row->class == CLASS_REFUSED, row->answer < 0);
	}
}
END_TEST

/* --- memory --------------------------------------------------------------------------------------- */

/* Where what was read of this process is kept. */
static struct exec reader;

static struct thread self(void) {
	static struct exec_program program = {.exec = &reader};
	static struct process process = {.program = &program, .mm = 1, .memory = -1};

	return (struct thread){.tid = getpid(), .process = &process};
}

START_TEST(bytes_go_both_ways) {
	struct thread t = self();
	char from[] = "some bytes", to[sizeof from];

	ck_assert_int_eq(mem_read(&t, AT(from), to, sizeof to), 0);
	ck_assert_str_eq(to, from);
	ck_assert_int_eq(mem_write(&t, AT(from), "other", 5), 0);
	ck_assert_str_eq(from, "otherbytes");
	/* Nothing is moved, nothing is looked at. */
	ck_assert_int_eq(mem_read(&t, 1, to, 0), 0);
	ck_assert_int_eq(mem_write(&t, 1, to, 0), 0);
	ck_assert_int_eq(mem_read(&t, 1, to, 1), -EFAULT);
	ck_assert_int_eq(mem_write(&t, 1, to, 1), -EFAULT);
}
END_TEST

/* Those of a page that was copied often are believed, until it may have lost one. */
START_TEST(pages_lose_their_rights) {
	struct thread t = self();
	char *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
	     byte;

	ck_assert_ptr_ne(page, MAP_FAILED);
	for (int i = 0; i < 100; i++) {
		byte = (char)i;
		ck_assert_int_eq(mem_write(&t, AT(page + i), &byte, 1), 0);
		ck_assert_int_eq(mem_read(&t, AT(page + i), &byte, 1), 0);
		ck_assert_int_eq(page[i], i);
		ck_assert_int_eq(byte, i);
	}
	ck_assert_int_ge(t.process->memory, 0);
	ck_assert_int_eq(mprotect(page, PAGE, PROT_READ), 0);
	pages_forget(&reader);
	ck_assert_int_eq(mem_write(&t, AT(page), "x", 1), -EFAULT);
	ck_assert_int_eq(mprotect(page, PAGE, PROT_NONE), 0);
	pages_forget(&reader);
	mem_forget(&reader);
	ck_assert_int_eq(mem_read(&t, AT(page), &byte, 1), -EFAULT);
	/* One that is gone is found out. */
	ck_assert_int_eq(mprotect(page, PAGE, PROT_READ), 0);
	ck_assert_int_eq(mem_read(&t, AT(page), &byte, 1), 0);
	ck_assert_int_eq(munmap(page, PAGE), 0);
	mem_forget(&reader);
	ck_assert_int_eq(mem_read(&t, AT(page), &byte, 1), -EFAULT);
	pages_leave(t.process);
	ck_assert_int_eq(t.process->memory, -1);
}
END_TEST

/* A string may end with the last byte of the last page that is there. */
START_TEST(strings_end_at_their_pages) {
	struct thread t = self();
	char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char to[64];

	ck_assert_ptr_ne(pages, MAP_FAILED);
	ck_assert_int_eq(munmap(pages + 4096, 4096), 0);
	memcpy(pages + 4092, "end", 4);
	ck_assert_int_eq(mem_string(&t, AT(pages + 4092), to, sizeof to), 3);
	ck_assert_str_eq(to, "end");
	pages[4095] = '!';
	mem_forget(&reader);
	ck_assert_int_eq(mem_string(&t, AT(pages + 4092), to, sizeof to), -EFAULT);
	memset(pages, 'x', 4095);
	ck_assert_int_eq(mem_string(&t, AT(pages), to, sizeof to), -ENAMETOOLONG);
	munmap(pages, 4096);
}
END_TEST

START_TEST(vectors_are_judged_before_they_are_used) {
	struct thread t = self();
	char a[4] = "abc", b[4] = "def", sum[8] = "";
	struct iovec theirs[] = {{a, 3}, {NULL, 0}, {b, 3}}, *iov;

	ck_assert_int_eq(mem_vector(&t, AT(theirs), 3, &iov), 6);
	ck_assert_int_eq(mem_gather(&t, iov, 3, sum, 6), 0);
	ck_assert_str_eq(sum, "abcdef");
	ck_assert_int_eq(mem_scatter(&t, iov, 3, "123456", 5), 0);
	ck_assert_str_eq(a, "123");
	ck_assert_str_eq(b, "45f");
	g_free(iov);
	ck_assert_int_eq(mem_vector(&t, AT(theirs), IOV_MAX + 1, &iov), -EINVAL);
	theirs[0].iov_len = SIZE_MAX;
	mem_forget(&reader);
	ck_assert_int_eq(mem_vector(&t, AT(theirs), 3, &iov), -EINVAL);
	g_free(iov);
	ck_assert_int_eq(mem_vector(&t, 1, 1, &iov), -EFAULT);
	g_free(iov);
}
END_TEST

/* What lies around is read with it, and holds until a real thread goes on. */
START_TEST(what_is_read_is_kept) {
	struct thread t = self(), other = self();
	char bytes[] = "abcdefgh", to[4] = "";

	ck_assert_int_eq(mem_read(&t, AT(bytes + 4), to, 1), 0);
	bytes[0] = 'x';
	ck_assert_int_eq(mem_read(&t, AT(bytes), to, 3), 0);
	ck_assert_str_eq(to, "abc");
	/* Another thread's memory is another. */
	other.tid = -1;
	ck_assert_int_eq(mem_read(&other, AT(bytes), to, 3), -EFAULT);
	ck_assert_int_eq(mem_read(&t, AT(bytes), to, 3), 0);
	ck_assert_str_eq(to, "xbc");
	bytes[0] = 'y';
	mem_forget(&reader);
	ck_assert_int_eq(mem_read(&t, AT(bytes), to, 3), 0);
	ck_assert_str_eq(to, "ybc");
	/* What is written here is known here. */
	ck_assert_int_eq(mem_write(&t, AT(bytes), "zz", 2), 0);
	ck_assert_int_eq(mem_read(&t, AT(bytes), to, 3), 0);
	ck_assert_str_eq(to, "zzc");
}
END_TEST

/* Pieces go in one copy; those that stand there are left out, as one sees where nothing may be written. */
START_TEST(pieces_are_written_that_are_new) {
	struct thread t = self();
	char *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), to;
	char new[3] = "", zeros[3] = "";
	struct mem_piece pieces[] = {{AT(page), zeros, 3}, {AT(new), "xy", 2}, {1, NULL, 0}};

	ck_assert_ptr_ne(page, MAP_FAILED);
	ck_assert_int_eq(mem_read(&t, AT(page), &to, 1), 0);
	ck_assert_int_eq(mem_write_pieces(&t, pieces, G_N_ELEMENTS(pieces)), 0);
	ck_assert_str_eq(new, "xy");
	ck_assert_int_eq(mem_write_pieces(&t, pieces, 1), -EFAULT);
	ck_assert_int_eq(mem_read(&t, AT(page), &to, 1), 0);
	zeros[2] = 'z';
	ck_assert_int_eq(mem_write_pieces(&t, pieces, 1), -EFAULT);
	munmap(page, 4096);
}
END_TEST

/* With what is scattered go pieces, and each end of a vector holds what it can. */
START_TEST(a_vector_and_pieces_go_together) {
	struct thread t = self();
	char a[4] = "abc", b[4] = "def", c[4] = "ghi";
	struct iovec theirs[] = {{a, 3}, {NULL, 0}, {b, 3}};
	struct mem_piece piece = {AT(c), "987", 3};

	ck_assert_int_eq(mem_scatter_pieces(&t, theirs, 3, "12345", 5, &piece, 1), 0);
	ck_assert_str_eq(a, "123");
	ck_assert_str_eq(b, "45f");
	ck_assert_str_eq(c, "987");
	ck_assert_int_eq(mem_scatter_pieces(&t, theirs, 3, NULL, 0, NULL, 0), 0);
}
END_TEST

START_TEST(the_kernel_says_what_a_thread_is) {
	g_autofree char *text = status_text(getpid(), getpid());

	ck_assert_int_eq(status_number(getpid(), "\nTgid:"), getpid());
	ck_assert_int_eq(status_number(getpid(), "\nNothing:"), -1);
	ck_assert_ptr_nonnull(text);
	ck_assert_uint_eq(status_mask(text, "\nNothing:"), 0);
	ck_assert(!status_exits(getpid(), getpid()));
	ck_assert(status_exits(getpid(), INT_MAX));
	ck_assert_uint_eq(status_pending(getpid(), getpid()), 0);
}
END_TEST

/* --- the log --------------------------------------------------------------------------------------- */

/* The line of a call with these arguments and that result. */
static char *line_of(struct task *me, int nr, const uint64_t *arg, int64_t ret) {
	char *line = NULL;
	size_t size;
	FILE *file = open_memstream(&line, &size);
	struct exec exec = {.sim = task_kernel(me)->sim, .log = file};
	struct machine machine = {.exec = &exec, .kernel = task_kernel(me)};
	struct exec_program program = {.exec = &exec, .machine = &machine};
	struct process process = {.program = &program, .pid = getpid(), .memory = -1};
	struct thread t = {.process = &process, .task = me, .tid = getpid(), .inner = 10001};

	table_install();
	t.call.nr = nr;
	memcpy(t.call.arg, arg, sizeof t.call.arg);
	log_begin(&t, call_row(nr));
	log_call(&t, call_row(nr), sim_now(exec.sim), ret);
	fclose(file);
	g_string_free(t.text, TRUE);
	return line;
}

static void says(struct task *me, int nr, const uint64_t *arg, int64_t ret, const char *what) {
	g_autofree char *line = line_of(me, nr, arg, ret);

	ck_assert_msg(strstr(line, what), "%s, not %s", line, what);
}

static int lines(struct task *me, void *arg) {
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(80)};
	const char path[] = "/a \"file\"\n";

	in.sin_addr.s_addr = htonl(0x0a000001);
	says(me, SYS_connect, (uint64_t[6]){3, AT(&in), sizeof in}, -ECONNREFUSED,
	     ".10001 connect(3, 10.0.0.1:80) = -1 ECONNREFUSED <0.00us>\n");
	says(me, SYS_bind, (uint64_t[6]){3, 1, 16}, -EFAULT, " bind(3, {...}) = -1 EFAULT");
	says(me, SYS_openat, (uint64_t[6]){(uint32_t)-100, AT(path), O_CLOEXEC}, PASS,
	     " openat(-100, \"/a \\\"file\\\"\\n\", 0x80000) = passed ");
	says(me, SYS_open, (uint64_t[6]){1, 0}, PASS, " open(0x1, 0) = passed ");
	says(me, SYS_write, (uint64_t[6]){1, AT(path), 10}, 10, " write(1, ..., 10) = 10 ");
	says(me, SYS_accept4, (uint64_t[6]){4, 0, 0, O_NONBLOCK}, RESTART,
	     " accept4(4, ..., ..., 0x800) = interrupted ");
	says(me, 9999, (uint64_t[6]){0}, -ENOSYS, " call_9999() = -1 ENOSYS ");
	PROGRAM_END(arg);
}

START_TEST(lines_say_what_was_called) {
	struct world w = world_new(64);

	world_run(&w, lines);
	world_free(&w);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("exec");
	TCase *tc = tcase_create("parts");

	tcase_add_test(tc, each_call_has_a_row);
	tcase_add_test(tc, rows_are_what_their_class_says);
	tcase_add_test(tc, bytes_go_both_ways);
	tcase_add_test(tc, pages_lose_their_rights);
	tcase_add_test(tc, strings_end_at_their_pages);
	tcase_add_test(tc, vectors_are_judged_before_they_are_used);
	tcase_add_test(tc, what_is_read_is_kept);
	tcase_add_test(tc, pieces_are_written_that_are_new);
	tcase_add_test(tc, a_vector_and_pieces_go_together);
	tcase_add_test(tc, the_kernel_says_what_a_thread_is);
	tcase_add_test(tc, lines_say_what_was_called);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
