/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The merging: how the answers of several stacks become the one that the program gets.
 */
#include "sop/merge.h"

ssize_t sop_first_success(const struct sop_set *set, sop_call call, void *arg,
                          bool (*goes_on)(int err, void *judge), void *judge,
                          struct sop_leg **who) {
	ssize_t answer = -EAGAIN;

	for (unsigned i = 0; i < set->n; i++) {
		*who = set->leg[i];
		answer = call(set->leg[i], arg);
		if (answer >= 0 || !goes_on((int)answer, judge))
			return answer;
	}
	return answer;
}

int sop_all_or_undo(struct sop_sock *ss, const struct sop_set *set, sop_call call, sop_call undo,
                    void *arg) {
	for (unsigned i = set->n; i-- > 0;) {
		int err = (int)call(set->leg[i], arg);

		if (!err)
			continue;
		sop_count(ss, SOP_EV_undone);
		while (++i < set->n)
			undo(set->leg[i], arg);
		return err;
	}
	return 0;
}

static bool listed(int err, const int *list) {
	for (; *list; list++)
		if (*list == err)
			return true;
	return false;
}

int sop_inet_represents(struct sop_sock *ss, const struct sop_set *set, sop_call call, void *arg,
                        const int *ignored) {
	int answer = 0;

	for (unsigned i = 0; i < set->n; i++) {
		int err = (int)call(set->leg[i], arg);

		if (!err)
			continue;
		if (i == 0)
			return err;
		sop_count(ss, SOP_EV_partial_option);
		if (!answer && !listed(err, ignored) && !card_is_gone(set->leg[i], err))
			answer = err;
	}
	return answer;
}

int sop_inet_answers(const struct sop_set *set, sop_call call, void *arg) {
	int answer = 0;

	for (unsigned i = 0; i < set->n; i++) {
		int err = (int)call(set->leg[i], arg);

		if (i == 0)
			answer = err;
	}
	return answer;
}

unsigned sop_or_masks(const struct sop_set *set, sop_call call, void *arg) {
	unsigned mask = 0;

	for (unsigned i = 0; i < set->n; i++)
		mask |= (unsigned)call(set->leg[i], arg);
	return mask;
}
