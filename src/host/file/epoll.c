/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * epoll, after fs/eventpoll.c of Linux 2.6.
 *
 * An item stays in the wait queues of its file.  A wake-up puts it on the list of those that may be
 * ready; epoll_wait() asks each of that list for its state.  What is ready and level-triggered stays
 * on the list, and is asked again by the next call; what is edge-triggered comes back with its next
 * wake-up.  An item goes with its file, when that has no descriptor any more.
 */
#include <errno.h>
#include <fcntl.h>

#include "host/core/clone.h"
#include "host/file/fd.h"
#include "host/file/file_syscalls.h"

/* What epoll_ctl() may ask for that is no event. */
#define TRIGGERS (EPOLLET | EPOLLONESHOT | EPOLLEXCLUSIVE | EPOLLWAKEUP)
#define ALWAYS (EPOLLERR | EPOLLHUP)

struct epoll {
	struct file *file;
	GHashTable *items;          /* struct epoll_item: itself the key */
	struct wait_queue sleepers; /* in epoll_wait(), or polling the epoll itself */
	GQueue ready;               /* struct epoll_item: to be asked */
};

/* A place of an item in a wait queue of its file. */
struct place {
	struct wait_entry entry; /* first */
	struct wait_queue *wq;
	struct epoll_item *item;
	struct place *next;
};

struct epoll_item {
	struct file *file; /* with fd the key */
	int fd;
	struct epoll *ep;
	struct epoll_event event;
	struct place *places;
	GList *queued;                   /* its link in ep->ready; NULL: not there */
	struct epoll_item *next_watcher; /* of the file */
};

static const struct file_operations epoll_file_ops;

/* --- items ---------------------------------------------------------------------------------- */

static guint item_hash(gconstpointer key) {
	const struct epoll_item *item = key;

	return g_direct_hash(item->file) ^ (guint)item->fd;
}

static gboolean item_equal(gconstpointer a, gconstpointer b) {
	const struct epoll_item *x = a, *y = b;

	return x->file == y->file && x->fd == y->fd;
}

static void item_enqueue(struct epoll_item *item) {
	if (item->queued || !(item->event.events & ~TRIGGERS))
		return;
	g_queue_push_tail(&item->ep->ready, item);
	item->queued = item->ep->ready.tail;
}

static void item_dequeue(struct epoll_item *item) {
	if (item->queued)
		g_queue_delete_link(&item->ep->ready, item->queued);
	item->queued = NULL;
}

static void item_woken(struct wait_entry *entry) {
	struct epoll_item *item = ((struct place *)entry)->item;

	item_enqueue(item);
	wake_up(item->file->kernel, &item->ep->sleepers);
}

struct joining {
	struct poll_table table; /* first */
	struct epoll_item *item;
};

static void item_join(struct poll_table *table, struct file *file, struct wait_queue *wq) {
	struct epoll_item *item = ((struct joining *)table)->item;
	struct place *place = g_new0(struct place, 1);

	(void)file;
	place->entry.func = item_woken;
	place->wq = wq;
	place->item = item;
	place->next = item->places;
	item->places = place;
	if (item->event.events & EPOLLEXCLUSIVE)
		add_wait_queue_exclusive(wq, &place->entry);
	else
		add_wait_queue(wq, &place->entry);
}

static void item_leave(struct epoll_item *item) {
	for (struct place *place = item->places, *next; place; place = next) {
		next = place->next;
		remove_wait_queue(place->wq, &place->entry);
		g_free(place);
	}
	item->places = NULL;
}

static void item_free(gpointer data) {
	struct epoll_item *item = data, **at = &item->file->watchers;

	item_leave(item);
	item_dequeue(item);
	while (*at != item)
		at = &(*at)->next_watcher;
	*at = item->next_watcher;
	g_free(item);
}

/* The file ends. */
static void forget(struct file *file) {
	while (file->watchers)
		g_hash_table_remove(file->watchers->ep->items, file->watchers);
}

/* What the item is to report now. */
static uint32_t item_state(struct epoll_item *item, struct poll_table *table) {
	charge(item->file->kernel, COST_POLL, 0);
	return item->file->ops->poll(item->file, table) & (item->event.events | ALWAYS);
}

/* Joins the file's queues, anew, and queues the item if there is something to report. */
static void item_begin(struct epoll_item *item) {
	struct joining joining = {.table.join = item_join, .item = item};

	item_leave(item);
	if (item_state(item, &joining.table)) {
		item_enqueue(item);
		wake_up(item->file->kernel, &item->ep->sleepers);
	}
}

/* --- epoll_ctl() ------------------------------------------------------------------------------ */

static int item_add(struct epoll *ep, struct file *file, int fd, const struct epoll_event *event) {
	struct epoll_item *item = g_new0(struct epoll_item, 1);

	item->file = file;
	item->fd = fd;
	item->ep = ep;
	item->event = *event;
	item->next_watcher = file->watchers;
	file->watchers = item;
	file->forget = forget;
	g_hash_table_add(ep->items, item);
	item_begin(item);
	return 0;
}

static int item_change(struct epoll_item *item, const struct epoll_event *event) {
	item_dequeue(item);
	item->event = *event;
	item_begin(item);
	return 0;
}

static int change(struct epoll *ep, int op, struct file *file, int fd,
                  const struct epoll_event *event) {
	struct epoll_item key = {.file = file, .fd = fd}, *item;

	item = g_hash_table_lookup(ep->items, &key);
	switch (op) {
	case EPOLL_CTL_ADD:
		return item ? -EEXIST : item_add(ep, file, fd, event);
	case EPOLL_CTL_MOD:
		return item ? item_change(item, event) : -ENOENT;
	case EPOLL_CTL_DEL:
		return g_hash_table_remove(ep->items, &key) ? 0 : -ENOENT;
	default:
		return -EINVAL;
	}
}

/* The epoll behind a descriptor; NULL and *err. */
static struct epoll *epoll_of(struct task *me, int fd, int *err) {
	const struct file *file = fd_file(me, fd);

	*err = !file ? -EBADF : file->ops != &epoll_file_ops ? -EINVAL : 0;
	return *err ? NULL : file->private;
}

static int control(struct task *me, int epfd, int op, int fd, const struct epoll_event *event) {
	struct file *file = fd_file(me, fd);
	int err;
	struct epoll *ep = epoll_of(me, epfd, &err);

	if (!file)
		return -EBADF;
	if (ep && !file->ops->poll)
		return -EPERM;
	if (ep && (ep->file == file || file->ops == &epoll_file_ops))
		return -EINVAL; /* one within another is not modelled */
	if (ep && op != EPOLL_CTL_DEL && !event)
		return -EFAULT;
	return ep ? change(ep, op, file, fd, event) : err;
}

/* --- epoll_wait() ----------------------------------------------------------------------------- */

/* Takes up to `max` events off the list; what stays ready by level goes to its end. */
static int harvest(struct epoll *ep, struct epoll_event *events, int max) {
	guint left = ep->ready.length;
	int n = 0;

	for (; left > 0 && n < max; left--) {
		struct epoll_item *item = g_queue_peek_head(&ep->ready);
		uint32_t state;

		item_dequeue(item);
		state = item_state(item, NULL);
		if (!state)
			continue;
		events[n++] = (struct epoll_event){.events = state, .data = item->event.data};
		if (item->event.events & EPOLLONESHOT)
			item->event.events &= TRIGGERS;
		else if (!(item->event.events & EPOLLET))
			item_enqueue(item);
	}
	return n;
}

static int wait_for(struct task *me, struct epoll *ep, struct epoll_event *events, int max,
                    sim_time timeout) {
	struct kernel *k = task_kernel(me);
	int n = 0, cut;

	file_get(ep->file);
	cut = wait_event_interruptible_timeout(k, &ep->sleepers, true,
	                                       (n = harvest(ep, events, max)) > 0, &timeout);
	file_put(ep->file);
	cpu_settle(k);
	return n > 0 ? n : cut == -EINTR ? -EINTR : 0;
}

/* --- the file --------------------------------------------------------------------------------- */

/* Ready, as far as can be told without asking all: a wake-up may turn out to be for nothing. */
static unsigned epoll_file_poll(struct file *file, struct poll_table *table) {
	struct epoll *ep = file->private;

	poll_wait(file, &ep->sleepers, table);
	return ep->ready.length ? POLLIN | POLLRDNORM : 0;
}

static void epoll_file_release(struct file *file) {
	struct epoll *ep = file->private;

	g_hash_table_unref(ep->items);
	g_free(ep);
}

static const struct file_operations epoll_file_ops = {
	.poll = epoll_file_poll,
	.release = epoll_file_release,
};

static int create(struct task *me) {
	struct epoll *ep = g_new0(struct epoll, 1);
	int fd;

	ep->file = file_new(task_kernel(me), &epoll_file_ops, O_RDWR);
	ep->file->private = ep;
	ep->items = g_hash_table_new_full(item_hash, item_equal, item_free, NULL);
	g_queue_init(&ep->ready);
	wait_queue_init(&ep->sleepers);
	fd = fd_install(me, ep->file);
	if (fd < 0)
		file_put(ep->file);
	return fd;
}

/* --- system calls ----------------------------------------------------------------------------- */

int sys_epoll_create(struct task *me, int size) {
	int ret = -ENOSYS;

	syscall_enter(me);
	if (task_has_epoll(me))
		ret = size < 1 ? -EINVAL : create(me);
	syscall_exit(me);
	return ret;
}

int sys_epoll_ctl(struct task *me, int epfd, int op, int fd, struct epoll_event *event) {
	int ret = -ENOSYS;

	syscall_enter(me);
	if (task_has_epoll(me)) {
		ret = control(me, epfd, op, fd, event);
		cpu_settle(task_kernel(me));
	}
	syscall_exit(me);
	return ret;
}

int sys_epoll_wait(struct task *me, int epfd, struct epoll_event *events, int max, int timeout_ms) {
	sim_time timeout = timeout_ms < 0
	                           ? SIM_NEVER
	                           : kernel_ticks_least(task_kernel(me), timeout_ms * SIM_MS);
	int ret = -ENOSYS;
	struct epoll *ep;

	syscall_enter(me);
	if (task_has_epoll(me)) {
		ep = epoll_of(me, epfd, &ret);
		if (ep && max < 1)
			ret = -EINVAL;
		else if (ep)
			ret = wait_for(me, ep, events, max, timeout);
	}
	syscall_exit(me);
	return ret;
}
