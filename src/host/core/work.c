/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How does a context's queue of steps hold them? */
#include "host/core/work.h"

#include <glib.h>
#include <string.h>

void work_make_room(struct work *w) {
	unsigned left = w->end - w->head;

	if (left)
		memmove(w->steps, work_head(w), left * sizeof *w->steps);
	if (left >= w->size / 2) {
		w->size = w->size ? 2 * w->size : 16;
		w->steps = g_renew(struct step, w->steps, w->size);
	}
	w->head = 0;
	w->end = left;
}

void work_prepend(struct work *w, enum cpu_mode mode, unsigned id, sim_time time) {
	if (w->head == 0) {
		work_slot(w);
		for (unsigned i = w->end - 1; i > 0; i--)
			w->steps[i] = w->steps[i - 1];
	} else {
		w->head--;
	}
	*work_head(w) = (struct step){.left = time, .id = (uint16_t)id, .mode = (uint8_t)mode};
}
