/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checksums, and the frames that carry them. */
#include <glib.h>
#include <string.h>

#include "net/engine/frame.h"
#include "run_suite.h"

/* --- checksums -------------------------------------------------------------------------------- */

START_TEST(checksum) {
	static const uint8_t rfc1071[8] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
	uint8_t data[1500];

	ck_assert_uint_eq(cksum_fold(cksum_add(0, rfc1071, 8)), (uint16_t)~0xddf2U);
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 151 + (i >> 3));
	memset(data + 700, 0xff, 400);
	for (size_t len = 0; len < sizeof(data); len += 1 + len / 16) {
		uint32_t sum = 0;

		for (size_t i = 0; i < len; i++)
			sum += (uint32_t)data[i] << (i & 1 ? 0 : 8);
		while (sum >> 16)
			sum = (sum & 0xffff) + (sum >> 16);
		ck_assert_uint_eq(cksum_fold(cksum_add(0, data, len)), (uint16_t)~sum);
		ck_assert_uint_eq(cksum_fold(cksum_add(cksum_add(0, data, len / 4 * 2),
		                                       data + len / 4 * 2, len - len / 4 * 2)),
		                  (uint16_t)~sum);
		ck_assert_uint_eq(cksum_fold(cksum_header(0, data, len & ~(size_t)3)),
		                  cksum_fold(cksum_add(0, data, len & ~(size_t)3)));
		for (size_t cut = 0; cut <= len; cut += 1 + cut / 4)
			ck_assert_uint_eq(
				cksum_fold(cksum_join(cksum_add(0, data, cut), cut,
			                              cksum_add(0, data + cut, len - cut))),
				(uint16_t)~sum);
	}
}
END_TEST

/* What is copied is summed, and every byte of it arrives; more than one run too. */
START_TEST(checksum_of_a_copy) {
	g_autofree uint8_t *from = g_malloc(2 * CKSUM_RUN + 100),
			   *to = g_malloc(2 * CKSUM_RUN + 101);

	for (size_t i = 0; i < 2 * CKSUM_RUN + 100; i++)
		from[i] = (uint8_t)(i * 151 + (i >> 3) + (i >> 9));
	for (size_t len = 0; len <= 2 * CKSUM_RUN + 90; len += 1 + len / 5) {
		size_t skip = len % 7;

		memset(to, 0xa5, len + 1);
		ck_assert_uint_eq(cksum_fold(cksum_copy(77, to, from + skip, len)),
		                  cksum_fold(cksum_add(77, from + skip, len)));
		ck_assert_mem_eq(to, from + skip, len);
		ck_assert_uint_eq(to[len], 0xa5);
	}
}
END_TEST

/* Whatever the processor has comes to the same sums. */
START_TEST(checksum_units) {
	g_autofree uint8_t *data = g_malloc(CKSUM_RUN + 8), *copy = g_malloc(CKSUM_RUN);

	for (unsigned full = 0; full < 2; full++)
		for (size_t u = 0; u < cksum_units_n; u++) {
			if (!cksum_units[u].here())
				continue;
			for (size_t i = 0; i < CKSUM_RUN + 8; i++)
				data[i] = full ? 0xff : (uint8_t)(i * 151 + (i >> 3));
			for (size_t len = 0; len <= CKSUM_RUN; len += 64 + len / 128 * 64) {
				const uint8_t *at = data + len / 64 % 8;
				uint64_t sum = 0;

				for (size_t i = 0; i < len; i += 2)
					sum += at[i] + 256U * at[i + 1];
				ck_assert_uint_eq(cksum_units[u].sum(at, len), sum);
				memset(copy, 0, len);
				ck_assert_uint_eq(cksum_units[u].copy(copy, at, len), sum);
				ck_assert_mem_eq(copy, at, len);
			}
		}
}
END_TEST

/* The sum that a frame carries is used where it is of all the bytes to its end, and only there. */
START_TEST(checksum_of_a_frame) {
	struct frame *f = frame_new(100, 64), *copy;
	uint16_t want;

	f->len = 41;
	for (unsigned i = 0; i < 41; i++)
		frame_data(f)[i] = (uint8_t)(i * 57 + 3);
	frame_summed(f, 0x12345); /* not theirs, so that its use shows */
	ck_assert_uint_eq(cksum_fold(frame_sum(f, 0)), cksum_fold(0x12345));
	copy = frame_copy(f);
	ck_assert_uint_eq(cksum_fold(frame_sum(copy, 0)), cksum_fold(0x12345));
	frame_free(copy);
	memset(frame_push(f, 4), 0, 4);
	ck_assert_uint_eq(cksum_fold(frame_sum(f, 0)), cksum_fold(0x12345));
	frame_push(f, 1)[0] = 0;
	ck_assert_uint_eq(cksum_fold(frame_sum(f, 0)), cksum_fold(0x4623));
	/* cut at the end, at the front, changed */
	f->len--;
	want = cksum_fold(cksum_add(0, frame_data(f), f->len));
	ck_assert_uint_eq(cksum_fold(frame_sum(f, 0)), want);
	f->len++;
	frame_pull(f, 6);
	want = cksum_fold(cksum_add(0, frame_data(f), f->len));
	ck_assert_uint_eq(cksum_fold(frame_sum(f, 0)), want);
	frame_push(f, 6);
	frame_doubt(f);
	want = cksum_fold(cksum_add(0, frame_data(f), f->len));
	ck_assert_uint_eq(cksum_fold(frame_sum(f, 0)), want);
	frame_free(f);
	f = frame_new(100, 64);
	ck_assert_uint_eq(f->sum_end, 0);
	frame_free(f);
}
END_TEST

/* --- frames ----------------------------------------------------------------------------------- */

START_TEST(frame_queues) {
	struct frame_queue q = {0};
	struct frame *f = frame_new(10, FRAME_MTU), *g;

	f->len = 3;
	memcpy(frame_data(f), "abc", 3);
	frame_queue_push(&q, f);
	frame_queue_push(&q, frame_copy(f));
	frame_push(f, 2);
	ck_assert_uint_eq(f->len, 5);
	ck_assert_uint_eq(q.count, 2);
	ck_assert_ptr_eq(frame_queue_pop(&q), f);
	g = frame_queue_pop(&q);
	ck_assert_mem_eq(frame_data(g), "abc", 3);
	ck_assert_ptr_null(frame_queue_pop(&q));
	frame_queue_push(&q, g);
	frame_queue_push(&q, f);
	frame_queue_flush(&q);
	ck_assert_uint_eq(q.count, 0);
}
END_TEST

/* What was freed comes back for one of its own size, and a copy has the room that it needs. */
START_TEST(frames_of_two_sizes) {
	struct frame *small = frame_new(64, FRAME_MAX), *large = frame_new(64, FRAME_MAX + 1);
	struct frame *copy;

	ck_assert_uint_eq(small->size, 64 + FRAME_MAX);
	ck_assert_uint_eq(large->size, 64 + FRAME_ETHER + FRAME_MTU_MAX);
	large->len = FRAME_ETHER + FRAME_MTU_MAX;
	memset(frame_data(large), 7, large->len);
	copy = frame_copy(large);
	ck_assert_mem_eq(frame_data(copy), frame_data(large), large->len);
	frame_free(copy);
	frame_free(large);
	frame_free(small);
	for (unsigned i = 0; i < 2; i++) {
		large = frame_new(0, FRAME_MTU_MAX);
		small = frame_new(0, 100);
		ck_assert_uint_ge(large->size, FRAME_MTU_MAX);
		ck_assert_uint_eq(small->size, 64 + FRAME_MAX);
		frame_free(small);
		frame_free(large);
	}
}
END_TEST

int main(void) {
	Suite *s = suite_create("net-frames");
	TCase *t = tcase_create("frames");

	tcase_add_test(t, checksum);
	tcase_add_test(t, checksum_of_a_copy);
	tcase_add_test(t, checksum_units);
	tcase_add_test(t, checksum_of_a_frame);
	tcase_add_test(t, frame_queues);
	tcase_add_test(t, frames_of_two_sizes);
	suite_add_tcase(s, t);
	return run_suite(s);
}
