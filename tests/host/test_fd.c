/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Descriptors, files of the page cache, and the calls on files. */
#include "world.h"

#include <string.h>

#include "host/file/pattern.h"
#include "run_suite.h"

static int always_lowest(struct task *me, void *arg) {
	int fds[4];

	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(fds[i] = sys_open(me, "/f", O_RDONLY), i);
	ck_assert_int_eq(sys_close(me, 2), 0);
	ck_assert_int_eq(sys_close(me, 0), 0);
	ck_assert_int_eq(sys_close(me, 0), -EBADF);
	ck_assert_int_eq(sys_dup(me, 3), 0);
	ck_assert_int_eq(sys_dup(me, 3), 2);
	ck_assert_int_eq(sys_dup(me, 3), 4);
	ck_assert_int_eq(sys_dup(me, 77), -EBADF);
	ck_assert_int_eq(sys_dup(me, -1), -EBADF);
	ck_assert_int_eq(sys_fcntl(me, 1, F_DUPFD, 3), 5);
	ck_assert_int_eq(sys_fcntl(me, 1, F_DUPFD, 100), 100);
	ck_assert_int_eq(sys_dup(me, 3), 6);
	/* The floor of F_DUPFD counts, and leaves lower ones free for others. */
	ck_assert_int_eq(sys_close(me, 1), 0);
	ck_assert_int_eq(sys_close(me, 5), 0);
	ck_assert_int_eq(sys_fcntl(me, 0, F_DUPFD, 3), 5);
	ck_assert_int_eq(sys_dup(me, 0), 1);
	PROGRAM_END(arg);
}

START_TEST(test_lowest_descriptor) {
	struct world w = world_new(1024);

	fs_create(w.k, "/f", "x", 1);
	world_run(&w, always_lowest);
	world_free(&w);
}
END_TEST

static int many_descriptors(struct task *me, void *arg) {
	int fd = 0;

	for (int i = 0; i < 20000; i++)
		ck_assert_int_eq(sys_open(me, "/f", O_RDONLY), i);
	ck_assert_int_eq(sys_open(me, "/f", O_RDONLY), -EMFILE);
	ck_assert_int_eq(sys_dup(me, 5), -EMFILE);
	for (int i = 19999; i >= 0; i -= 2)
		ck_assert_int_eq(sys_close(me, i), 0);
	for (int i = 1; i < 20000; i += 2)
		ck_assert_int_eq(fd = sys_open(me, "/f", O_RDONLY), i);
	ck_assert_int_eq(fd, 19999);
	PROGRAM_END(arg);
}

START_TEST(test_many_descriptors) {
	struct world w = world_new(20000);

	fs_create(w.k, "/f", "x", 1);
	world_run(&w, many_descriptors);
	world_free(&w);
}
END_TEST

static int dup_semantics(struct task *me, void *arg) {
	char buf[4];
	int a = sys_open(me, "/f", O_RDONLY), b = sys_dup(me, a), pair[2], n = -1;

	/* One file, one position, flags in common; the close-on-exec bit is each one's own. */
	ck_assert_int_eq(sys_read(me, a, buf, 2), 2);
	ck_assert_int_eq(sys_read(me, b, buf, 4), 4);
	ck_assert_mem_eq(buf, "cdef", 4);
	ck_assert_int_eq(sys_fcntl(me, b, F_SETFL, O_NONBLOCK | O_APPEND | O_RDWR), 0);
	ck_assert_int_eq(sys_fcntl(me, a, F_GETFL, 0), O_RDONLY | O_NONBLOCK | O_APPEND);
	ck_assert_int_eq(sys_fcntl(me, a, F_SETFD, FD_CLOEXEC), 0);
	ck_assert_int_eq(sys_fcntl(me, a, F_GETFD, 0), FD_CLOEXEC);
	ck_assert_int_eq(sys_fcntl(me, b, F_GETFD, 0), 0);
	ck_assert_int_eq(sys_fcntl(me, a, 9999, 0), -EINVAL);
	ck_assert_int_eq(sys_fcntl(me, a, F_DUPFD, 1024), -EINVAL);
	ck_assert_int_eq(sys_ioctl(me, b, FIOCLEX, NULL), 0);
	ck_assert_int_eq(sys_fcntl(me, b, F_GETFD, 0), FD_CLOEXEC);
	ck_assert_int_eq(sys_ioctl(me, a, FIONREAD, &n), 0);
	ck_assert_int_eq(n, 4);
	ck_assert_int_eq(sys_ioctl(me, a, TIOCOUTQ, &n), -ENOTTY);
	/* dup2 closes what was there. */
	ck_assert_int_eq(sys_socketpair(me, PF_PIPE, SOCK_STREAM, 0, pair), 0);
	ck_assert_int_eq(sys_dup2(me, a, pair[1]), pair[1]);
	ck_assert_uint_eq(pipe_log.released, 1);
	ck_assert_int_eq(sys_read(me, pair[1], buf, 4), 4);
	ck_assert_int_eq(sys_dup2(me, a, a), a);
	ck_assert_int_eq(sys_dup2(me, pair[0], pair[0]), pair[0]);
	ck_assert_int_eq(sys_close(me, pair[0]), 0);
	ck_assert_uint_eq(pipe_log.released, 2);
	ck_assert_int_eq(sys_dup2(me, 99, a), -EBADF);
	ck_assert_int_eq(sys_dup2(me, a, 1024), -EBADF);
	ck_assert_int_eq(sys_dup2(me, a, 1023), 1023);
	/* The file lives as long as one descriptor does. */
	ck_assert_int_eq(sys_close(me, a), 0);
	ck_assert_int_eq(sys_lseek(me, b, 0, SEEK_SET), 0);
	ck_assert_int_eq(sys_read(me, 1023, buf, 1), 1);
	PROGRAM_END(arg);
}

START_TEST(test_dup_semantics) {
	struct world w = world_new(1024);

	fs_create(w.k, "/f", "abcdefghij", 10);
	world_run(&w, dup_semantics);
	world_free(&w);
}
END_TEST

static int child_reads(struct task *me, void *arg) {
	char buf[2];

	(void)arg;
	ck_assert_int_eq(sys_read(me, 0, buf, 2), 2);
	ck_assert_mem_eq(buf, "cd", 2);
	return 0;
}

static int fork_shares(struct task *me, void *arg) {
	char buf[2];
	int pair[2];

	ck_assert_int_eq(sys_open(me, "/f", O_RDONLY), 0);
	ck_assert_int_eq(sys_socketpair(me, PF_PIPE, SOCK_STREAM, 0, pair), 0);
	ck_assert_int_eq(sys_read(me, 0, buf, 2), 2);
	ck_assert_int_gt(sys_fork(me, child_reads, NULL), 0);
	ck_assert_int_gt(sys_waitpid(me, -1, NULL, 0), 0);
	ck_assert_int_eq(sys_read(me, 0, buf, 2), 2);
	ck_assert_mem_eq(buf, "ef", 2);
	/* The child's exit closed its copies only. */
	ck_assert_uint_eq(pipe_log.released, 0);
	PROGRAM_END(arg);
}

START_TEST(test_fork_shares) {
	struct world w = world_new(64);

	fs_create(w.k, "/f", "abcdefghij", 10);
	world_run(&w, fork_shares);
	ck_assert_uint_eq(pipe_log.released, 2);
	world_free(&w);
}
END_TEST

static int open_errors(struct task *me, void *arg) {
	char buf[8];
	int fd;

	ck_assert_int_eq(sys_open(me, "/none", O_RDONLY), -ENOENT);
	ck_assert_int_eq(sys_open(me, "", O_RDWR | O_CREAT), -ENOENT);
	ck_assert_int_eq(sys_open(me, NULL, O_RDONLY), -EFAULT);
	ck_assert_int_eq(sys_open(me, "/pattern", O_WRONLY), -EACCES);
	ck_assert_int_eq(sys_open(me, "/pattern", O_RDONLY | O_TRUNC), -EACCES);
	ck_assert_int_eq(sys_open(me, "/f", O_RDWR | O_CREAT | O_EXCL), -EEXIST);
	ck_assert_int_eq(fd = sys_open(me, "/f", O_WRONLY), 0);
	ck_assert_int_eq(sys_read(me, fd, buf, 1), -EBADF);
	ck_assert_int_eq(sys_close(me, fd), 0);
	ck_assert_int_eq(fd = sys_open(me, "/f", O_RDONLY), 0);
	ck_assert_int_eq(sys_write(me, fd, buf, 1), -EBADF);
	ck_assert_int_eq(sys_read(me, fd, NULL, 1), -EFAULT);
	ck_assert_int_eq(sys_readv(me, fd, NULL, -1), -EINVAL);
	ck_assert_int_eq(sys_readv(me, fd, NULL, 1), -EFAULT);
	ck_assert_int_eq(sys_readv(me, fd, NULL, 0), 0);
	ck_assert_int_eq(sys_lseek(me, fd, -1, SEEK_SET), -EINVAL);
	ck_assert_int_eq(sys_lseek(me, fd, 0, 77), -EINVAL);
	ck_assert_int_eq(sys_read(me, 50, buf, 1), -EBADF);
	ck_assert_int_eq(sys_fstat(me, 50, NULL), -EBADF);
	ck_assert_int_eq(sys_fstat(me, fd, NULL), -EFAULT);
	PROGRAM_END(arg);
}

START_TEST(test_open_errors) {
	struct world w = world_new(64);

	fs_create(w.k, "/f", "abc", 3);
	fs_create_pattern(w.k, "/pattern", 1000, 1);
	world_run(&w, open_errors);
	world_free(&w);
}
END_TEST

static int writes(struct task *me, void *arg) {
	struct iovec iov[2] = {{(void *)"one ", 4}, {(void *)"two ", 4}};
	struct stat st;
	char buf[32];
	int fd = sys_open(me, "/log", O_RDWR | O_CREAT | O_APPEND), null;

	ck_assert_int_eq(sys_writev(me, fd, iov, 2), 8);
	ck_assert_int_eq(sys_lseek(me, fd, 0, SEEK_SET), 0);
	ck_assert_int_eq(sys_write(me, fd, "three", 5), 5);
	ck_assert_int_eq(sys_fstat(me, fd, &st), 0);
	ck_assert_int_eq(st.st_size, 13);
	ck_assert_int_eq(st.st_mode & S_IFMT, S_IFREG);
	ck_assert_int_eq(sys_close(me, fd), 0);
	/* Beyond the end there are zeros; truncation takes all away. */
	fd = sys_open(me, "/hole", O_RDWR | O_CREAT);
	ck_assert_int_eq(sys_lseek(me, fd, 3, SEEK_END), 3);
	ck_assert_int_eq(sys_write(me, fd, "x", 1), 1);
	ck_assert_int_eq(sys_lseek(me, fd, -4, SEEK_CUR), 0);
	ck_assert_int_eq(sys_read(me, fd, buf, sizeof buf), 4);
	ck_assert_mem_eq(buf, "\0\0\0x", 4);
	ck_assert_int_eq(sys_read(me, fd, buf, sizeof buf), 0);
	ck_assert_int_eq(sys_lseek(me, fd, INT64_C(1) << 40, SEEK_SET), INT64_C(1) << 40);
	ck_assert_int_eq(sys_write(me, fd, "x", 1), -EFBIG);
	ck_assert_int_eq(sys_open(me, "/gone", O_WRONLY | O_TRUNC), fd + 1);
	/* What was opened stays what it was when the path is made anew. */
	ck_assert_int_eq(sys_lseek(me, fd, 0, SEEK_SET), 0);
	fs_create(task_kernel(me), "/hole", "new", 3);
	ck_assert_int_eq(sys_read(me, fd, buf, sizeof buf), 4);
	null = sys_open(me, "/dev/null", O_RDWR);
	ck_assert_int_eq(sys_write(me, null, buf, 7), 7);
	ck_assert_int_eq(sys_read(me, null, buf, 7), 0);
	ck_assert_int_eq(sys_fstat(me, null, &st), 0);
	ck_assert_int_eq(st.st_mode & S_IFMT, S_IFCHR);
	PROGRAM_END(arg);
}

START_TEST(test_writes) {
	struct world w = world_new(64);
	GBytes *log;

	fs_create(w.k, "/gone", "content", 7);
	world_run(&w, writes);
	log = fs_content(w.k, "/log");
	ck_assert_uint_eq(g_bytes_get_size(log), 13);
	ck_assert_mem_eq(g_bytes_get_data(log, NULL), "one two three", 13);
	g_bytes_unref(log);
	log = fs_content(w.k, "/gone");
	ck_assert_uint_eq(g_bytes_get_size(log), 0);
	g_bytes_unref(log);
	ck_assert_ptr_null(fs_content(w.k, "/none"));
	world_free(&w);
}
END_TEST

/* Any cut of a pattern gives the same bytes, whatever the alignment. */
START_TEST(test_pattern) {
	uint8_t whole[200], part[200];

	pattern_fill(7, 0, whole, sizeof whole);
	for (size_t from = 0; from < 40; from++)
		for (size_t len = 0; len + from <= 80; len++) {
			memset(part, 0xee, sizeof part);
			pattern_fill(7, from, part, len);
			ck_assert(memcmp(part, whole + from, len) == 0);
			ck_assert_uint_eq(part[len], 0xee);
			ck_assert(pattern_check(7, from, part, len));
			for (size_t i = 0; i < len; i++) {
				part[i] ^= 0x10;
				ck_assert(!pattern_check(7, from, part, len));
				part[i] ^= 0x10;
			}
		}
	ck_assert(!pattern_check(8, 0, whole, sizeof whole));
	ck_assert(!pattern_check(7, 8, whole, 100));
	/* The first bytes on any machine: SplitMix64 from 0. */
	pattern_fill(0, 0, part, 8);
	ck_assert_mem_eq(part, "\xaf\xcd\x1d\x7b\x39\xa8\x20\xe2", 8);
}
END_TEST

/* The same where blocks meet; and nothing stands in another's place, near or far. */
START_TEST(test_pattern_blocks) {
	uint8_t whole[9000], part[200];

	pattern_fill(7, 0, whole, sizeof whole);
	for (size_t from = 4000; from < 4110; from++) {
		pattern_fill(7, from, part, sizeof part);
		ck_assert_mem_eq(part, whole + from, sizeof part);
		ck_assert(pattern_check(7, from, whole + from, sizeof whole - from));
	}
	for (uint64_t by = 1; by < (UINT64_C(1) << 40); by += 1 + by / 3) {
		ck_assert(!pattern_check(7, by, whole, 16));
		ck_assert(!pattern_check(7, 4096 * by, whole, 16));
		ck_assert(!pattern_check(7 + by, 0, whole, 16));
	}
	for (size_t i = 0; i < sizeof whole; i += 7) {
		whole[i] ^= 1;
		ck_assert(!pattern_check(7, 0, whole, sizeof whole));
		whole[i] ^= 1;
	}
}
END_TEST

#define HUGE (UINT64_C(5) << 30)

static int pattern_file(struct task *me, void *arg) {
	uint8_t buf[5000];
	struct stat st;
	int fd = sys_open(me, "/p", O_RDONLY);

	ck_assert_int_eq(sys_fstat(me, fd, &st), 0);
	ck_assert_uint_eq((uint64_t)st.st_size, HUGE);
	ck_assert_int_eq(sys_lseek(me, fd, 4321, SEEK_SET), 4321);
	ck_assert_int_eq(sys_read(me, fd, buf, sizeof buf), sizeof buf);
	ck_assert(pattern_check(99, 4321, buf, sizeof buf));
	ck_assert_int_eq(sys_lseek(me, fd, -10, SEEK_END), (off_t)HUGE - 10);
	ck_assert_int_eq(sys_read(me, fd, buf, sizeof buf), 10);
	ck_assert(pattern_check(99, HUGE - 10, buf, 10));
	PROGRAM_END(arg);
}

/* Whatever the processor has gives the same bytes, beginning anywhere, and sees each of them change. */
START_TEST(test_pattern_units) {
	const struct pattern_unit *plain = &pattern_units[pattern_units_n - 1];
	uint8_t want[8 * 48 + 8], got[sizeof want + 8];

	ck_assert(plain->here());
	for (const struct pattern_unit *unit = pattern_units; unit <= plain; unit++) {
		if (!unit->here())
			continue;
		for (size_t n = 0; n <= 48; n++) {
			uint8_t *at = got + n % 9;

			memset(want, 0xa5, sizeof want);
			memset(got, 0xa5, sizeof got);
			plain->fill(want, n * UINT64_C(0x0123456789abcdef), n);
			unit->fill(at, n * UINT64_C(0x0123456789abcdef), n);
			ck_assert_mem_eq(at, want, 8 * n + 8 - n % 9);
			ck_assert(unit->check(at, n * UINT64_C(0x0123456789abcdef), n));
			for (size_t i = 0; i < 8 * n; i++) {
				at[i] ^= (uint8_t)(1 << i % 8);
				ck_assert(!unit->check(at, n * UINT64_C(0x0123456789abcdef), n));
				at[i] ^= (uint8_t)(1 << i % 8);
			}
		}
	}
}
END_TEST

START_TEST(test_pattern_file) {
	struct world w = world_new(64);

	fs_create_pattern(w.k, "/p", HUGE, 99);
	world_run(&w, pattern_file);
	world_free(&w);
}
END_TEST

static int charged_calls(struct task *me, void *arg) {
	char buf[100];
	int fd = sys_open(me, "/f", O_RDWR);

	sys_read(me, fd, buf, sizeof buf);
	sys_write(me, fd, buf, 10);
	sys_close(me, fd);
	/* 5 calls with that of the time, one open, one read of 40 bytes, one write of 10. */
	ck_assert_int_eq(sys_gettime(me), 5 * SIM_US + 5 * SIM_US + (2 * SIM_US + 40 * SIM_NS) +
	                                          (3 * SIM_US + 10 * 2 * SIM_NS));
	PROGRAM_END(arg);
}

START_TEST(test_charges) {
	struct world w = world_new(64);

	fs_create(w.k, "/f", "0123456789012345678901234567890123456789", 40);
	world_cost(&w, "syscall", SIM_US, 0);
	world_cost(&w, "file_open", 5 * SIM_US, 0);
	world_cost(&w, "file_read", 2 * SIM_US, SIM_NS);
	world_cost(&w, "file_write", 3 * SIM_US, 2 * SIM_NS);
	world_run(&w, charged_calls);
	world_free(&w);
}
END_TEST

static Suite *suite(void) {
	Suite *s = suite_create("fd");
	TCase *tc = tcase_create("fd");

	tcase_add_test(tc, test_lowest_descriptor);
	tcase_add_test(tc, test_many_descriptors);
	tcase_add_test(tc, test_dup_semantics);
	tcase_add_test(tc, test_fork_shares);
	tcase_add_test(tc, test_open_errors);
	tcase_add_test(tc, test_writes);
	tcase_add_test(tc, test_pattern);
	tcase_add_test(tc, test_pattern_blocks);
	tcase_add_test(tc, test_pattern_units);
	tcase_add_test(tc, test_pattern_file);
	tcase_add_test(tc, test_charges);
	suite_add_tcase(s, tc);
	return s;
}

int main(void) { return run_suite(suite()); }
