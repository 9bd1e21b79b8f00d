/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How does a program come into the world?
 *
 * A simulated machine with real programs has namespaces of its own, held by a process of ours, its init.
 * It is asked over a socket to start programs: it forks, the child makes itself ready, installs the
 * filter and executes the command.  That first call is notified like any other and held until the
 * program's date.  When init ends, whatever happens to the simulator, the kernel ends all with it.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exec/attr.h"
#include "exec/netlink.h"
#include "exec/place.h"
#include "exec/sandbox.h"
#include "exec/thread.h"
#include "exec/tree.h"
#include "exec/tsc.h"

#define NAMESPACES                                                                                 \
	(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS)
#define PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
/* Who waits on this processor is woken on it: of Linux 6.6, and not in older headers; without it all is
 * the same. */
#define NOTIF_SET_FLAGS SECCOMP_IOW(4, uint64_t)
#define NOTIF_SYNC_WAKE_UP 1UL
#define SLICE_NS 100000U
#define WORDS_MOST 65536U        /* of a request: folder, command line, environment */

/* What a child tells, in memory that both have. */
struct notice {
	_Atomic int listener; /* its number there; 0: not yet */
	int error;            /* why it will not come */
	pid_t pid;            /* as the machine sees it */
	bool tsc;             /* to the child: to read the time stamp counter is to fault, ... */
	uint64_t file_most;   /* ... and the bytes of one file that it writes */
};

/* A request: descriptors of input, outputs and notice, and words, each ended by a zero: the folder, the
 * program's path, and, behind a letter that tells them apart, its arguments and its environment. */
#define ARGUMENT "a"
#define VARIABLE "e"
enum { FD_INPUT, FD_OUTPUT, FD_ERRORS, FD_NOTICE, FDS };

/* --- the child ---------------------------------------------------------------------------------- */

static void take_words(char *words, size_t len, char **folder, char **path, char **argv,
                       char **env) {
	const char *end = words + len;

	*folder = words;
	words += strlen(words) + 1;
	*path = words;
	for (words += strlen(words) + 1; words < end; words += strlen(words) + 1)
		if (*words == *VARIABLE)
			*env++ = words + 1;
		else
			*argv++ = words + 1;
	*argv = *env = NULL;
}

/* Of the real kernel, whose headers and the C library's do not go together. */
struct slice {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
};

/*
 * A program that is answered is to run at once.  If it takes the processor from the simulator, this need not go to
 * sleep until the next call, nor be woken by it, which is a fifth of a call's time.  The scheduler does that for a
 * wish for short slices, the shortest that it has (Linux 6.12; others do not listen).
 */
static void wish_to_run_at_once(void) {
	struct slice slice = {0};

	if (syscall(SYS_sched_getattr, 0, &slice, sizeof slice, 0) < 0 ||
	    slice.policy != SCHED_OTHER)
		return;
	slice.runtime = SLICE_NS;
	syscall(SYS_sched_setattr, 0, &slice, 0);
}

static void limit(int what, rlim_t most) { setrlimit(what, &(struct rlimit){most, most}); }

/* Before the filter: descriptors, limits, and what makes runs alike. */
static bool child_prepares(const int fds[FDS], const char *folder, unsigned max_files,
                           const struct notice *notice) {
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (int i = FD_INPUT; i <= FD_ERRORS; i++)
		if (dup2(fds[i], i) < 0)
			return false;
	close_range(3, ~0U, 0);
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_FSIZE, notice->file_most);
	limit(RLIMIT_NOFILE, max_files);
	setsid();
	umask(022);
	wish_to_run_at_once();
	return chdir(folder) == 0 && personality(ADDR_NO_RANDOMIZE) != -1 &&
	       prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

static _Noreturn void child(int control, const int fds[FDS], char *words, size_t len,
                            unsigned max_files) {
	char *folder, *path, **argv = g_new(char *, len + 1), **env = g_new(char *, len + 1);
	struct notice *notice =
		mmap(NULL, sizeof *notice, PROT_READ | PROT_WRITE, MAP_SHARED, fds[FD_NOTICE], 0);
	int listener;

	take_words(words, len, &folder, &path, argv, env);
	if (notice == MAP_FAILED)
		_exit(127);
	notice->pid = getpid();
	/* The receiver learns who sends it. */
	if (send(control, "p", 1, 0) != 1 || !child_prepares(fds, folder, max_files, notice)) {
		notice->error = errno;
		_exit(127);
	}
	if (notice->tsc)
		prctl(PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0);
	listener = filter_install();
	if (listener < 0) {
		notice->error = errno;
		_exit(127);
	}
	notice->listener = listener;
	execve(path, argv, env);
	_exit(127);
}

/* --- init ----------------------------------------------------------------------------------------- */

/* One request; 0: the simulator has gone. */
static ssize_t take_request(int control, int fds[FDS], char *words) {
	char space[CMSG_SPACE(FDS * sizeof(int))];
	struct iovec iov = {words, WORDS_MOST};
	struct msghdr msg = {.msg_iov = &iov,
	                     .msg_iovlen = 1,
	                     .msg_control = space,
	                     .msg_controllen = sizeof space};
	ssize_t len = recvmsg(control, &msg, MSG_CMSG_CLOEXEC);
	struct cmsghdr *head = CMSG_FIRSTHDR(&msg);

	if (len <= 0 || !head || head->cmsg_type != SCM_RIGHTS)
		return 0;
	memcpy(fds, CMSG_DATA(head), FDS * sizeof(int));
	return len;
}

static void serve_requests(int control, unsigned max_files) {
	static char words[WORDS_MOST];
	int fds[FDS];
	ssize_t len;

	while ((len = take_request(control, fds, words)) > 0) {
		if (fork() == 0)
			child(control, fds, words, (size_t)len, max_files);
		for (int i = 0; i < FDS; i++)
			close(fds[i]);
	}
}

/* Says on `control` whether the machine stands: 0 or an errno. */
static _Noreturn void init_main(int control, const struct machine *m, const char *folder) {
	int error = 0;
	char go;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (read(control, &go, 1) != 1) /* until its users are mapped */
		_exit(1);
	signal(SIGINT, SIG_IGN);
	if (control != 3 && dup2(control, 3) < 0)
		_exit(1);
	close_range(4, ~0U, 0);
	if (sethostname(m->kernel->name, strlen(m->kernel->name)) < 0 ||
	    !sandbox_make(m->exec->hosts, folder, m->root))
		error = errno;
	if (write(3, &error, sizeof error) == sizeof error && !error)
		serve_requests(3, m->kernel->conf.max_files);
	_exit(0);
}

/* --- the simulator's side --------------------------------------------------------------------------- */

static bool write_map(pid_t pid, const char *file, const char *text) {
	g_autofree char *path = g_strdup_printf("/proc/%d/%s", pid, file);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool good = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return good;
}

/* Root there is who runs the simulator here. */
static bool map_users(pid_t pid) {
	g_autofree char *users = g_strdup_printf("0 %d 1", geteuid());
	g_autofree char *groups = g_strdup_printf("0 %d 1", getegid());

	return write_map(pid, "uid_map", users) && write_map(pid, "setgroups", "deny") &&
	       write_map(pid, "gid_map", groups);
}

static bool start_init(struct machine *m, const char *folder, GError **error) {
	int ends[2], said = 0, on = 1;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		goto failed;
	m->init = (pid_t)syscall(SYS_clone, NAMESPACES | SIGCHLD, NULL, NULL, NULL, 0);
	if (m->init == 0) {
		close(ends[0]);
		init_main(ends[1], m, folder);
	}
	close(ends[1]);
	m->control = ends[0];
	setsockopt(m->control, SOL_SOCKET, SO_PASSCRED, &on, sizeof on);
	if (m->init < 0 || !map_users(m->init) || write(m->control, "g", 1) != 1)
		goto failed;
	if (read(m->control, &said, sizeof said) != sizeof said)
		said = EPIPE;
	if (!said)
		return true;
	errno = said;
failed:
	g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED,
	            "namespaces for real programs cannot be made: %s", g_strerror(errno));
	return false;
}

static struct machine *machine_new(struct exec *exec, struct kernel *k,
                                   const struct exec_program_conf *conf, GError **error) {
	struct machine *m = g_new0(struct machine, 1);

	m->exec = exec;
	m->kernel = k;
	m->root = g_strdup(conf->root);
	wait_queue_init(&m->changes);
	m->control = m->top = -1;
	m->zombies = g_hash_table_new(NULL, NULL);
	g_ptr_array_add(exec->machines, m);
	task_pids_from_outside(k, PID_OUTSIDE);
	netlink_register(exec, k);
	if (!start_init(m, conf->folder, error))
		return NULL;
	place_begin(m);
	attr_begin(m);
	return m;
}

static struct machine *machine_of(struct exec *exec, struct kernel *k,
                                  const struct exec_program_conf *conf, GError **error) {
	for (guint i = 0; i < exec->machines->len; i++) {
		struct machine *m = exec->machines->pdata[i];

		if (m->kernel != k)
			continue;
		if (g_strcmp0(m->root, conf->root) == 0)
			return m;
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
		            "another program of %s has another root", k->name);
		return NULL;
	}
	return machine_new(exec, k, conf, error);
}

void machine_end(struct machine *m) {
	if (m->init > 0) {
		kill(m->init, SIGKILL);
		/* It goes when all others have gone, which who traces them must see. */
		while (m->exec->traced && waitpid(m->init, NULL, WNOHANG) == 0) {
			tsc_attend(m->exec);
			usleep(100);
		}
		if (!m->exec->traced)
			waitpid(m->init, NULL, 0);
	}
	if (m->control >= 0)
		close(m->control);
	g_hash_table_unref(m->zombies);
	attr_end(m);
	place_end(m);
	g_free(m->root);
	g_free(m);
}

static void add_word(GString *words, const char *mark, const char *word) {
	g_string_append(words, mark);
	g_string_append_len(words, word, (gssize)strlen(word) + 1);
}

/* The words of a request, or NULL and *error. */
static GString *request_words(const struct exec_program_conf *conf, GError **error) {
	g_auto(GStrv) argv = NULL;
	g_autofree char *path = NULL;
	GString *words;

	if (!g_shell_parse_argv(conf->command, NULL, &argv, error))
		return NULL;
	/* On the path that programs are given, not on the user's: a run is the same for all. */
	path = tree_program(conf->root, conf->folder, PATH, argv[0]);
	if (!path) {
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT, "%s: no such program",
		            argv[0]);
		return NULL;
	}
	words = g_string_new(NULL);
	add_word(words, "", conf->folder);
	add_word(words, "", path);
	for (char **word = argv; *word; word++)
		add_word(words, ARGUMENT, *word);
	return words;
}

static void add_environment(GString *words, char **environment) {
	static const char *const usual[] = {("PATH=" PATH), "HOME=/", "LANG=C.UTF-8", "TZ=UTC"};

	for (size_t i = 0; i < G_N_ELEMENTS(usual); i++)
		add_word(words, VARIABLE, usual[i]);
	for (char **one = environment; one && *one; one++)
		add_word(words, VARIABLE, *one);
}

static bool send_request(struct machine *m, const GString *words, const int fds[FDS]) {
	char space[CMSG_SPACE(FDS * sizeof(int))] = {0};
	struct iovec iov = {words->str, words->len};
	struct msghdr msg = {.msg_iov = &iov,
	                     .msg_iovlen = 1,
	                     .msg_control = space,
	                     .msg_controllen = sizeof space};
	struct cmsghdr *head = CMSG_FIRSTHDR(&msg);

	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(FDS * sizeof(int));
	memcpy(CMSG_DATA(head), fds, FDS * sizeof(int));
	return words->len <= WORDS_MOST && sendmsg(m->control, &msg, 0) > 0;
}

/* Who has been started: its pid here; -1. */
static pid_t take_sender(struct machine *m) {
	char space[CMSG_SPACE(sizeof(struct ucred))], byte;
	struct iovec iov = {&byte, 1};
	struct msghdr msg = {.msg_iov = &iov,
	                     .msg_iovlen = 1,
	                     .msg_control = space,
	                     .msg_controllen = sizeof space};
	struct cmsghdr *head;
	struct ucred cred;

	if (recvmsg(m->control, &msg, 0) != 1)
		return -1;
	head = CMSG_FIRSTHDR(&msg);
	if (!head || head->cmsg_type != SCM_CREDENTIALS)
		return -1;
	memcpy(&cred, CMSG_DATA(head), sizeof cred);
	return cred.pid;
}

/* The child's listener becomes ours, as soon as it has one. */
static bool take_listener(struct exec_program *p, pid_t pid, struct notice *notice) {
	int pidfd = pidfd_open(pid, 0);

	while (pidfd >= 0 && !notice->listener && !notice->error)
		usleep(100);
	errno = notice->error;
	if (pidfd < 0 || notice->error)
		return false;
	p->listener = (int)syscall(SYS_pidfd_getfd, pidfd, notice->listener, 0);
	ioctl(p->listener, NOTIF_SET_FLAGS, NOTIF_SYNC_WAKE_UP);
	p->first = thread_new(p, real_process_new(p, pid), pid, notice->pid);
	close(pidfd);
	return p->listener >= 0;
}

/* Whether somebody out there may write to it while the program waits. */
static void note_input(struct exec_program *p, int input) {
	struct stat st;

	if (input < 0 || fstat(input, &st) < 0)
		return;
	p->input_device = st.st_dev;
	p->input_number = st.st_ino;
	p->input_outside = S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode) || isatty(input);
}

static bool launch(struct exec_program *p, const char *input, const GString *words) {
	int fds[FDS] = {open(input ? input : "/dev/null", O_RDONLY | O_CLOEXEC), p->output[0],
	                p->output[1], memfd_create("notice", MFD_CLOEXEC)};
	struct notice *notice = MAP_FAILED;
	pid_t pid = -1;
	bool good;

	if (fds[FD_INPUT] >= 0 && ftruncate(fds[FD_NOTICE], sizeof *notice) == 0)
		notice = mmap(NULL, sizeof *notice, PROT_READ | PROT_WRITE, MAP_SHARED,
		              fds[FD_NOTICE], 0);
	note_input(p, fds[FD_INPUT]);
	if (notice != MAP_FAILED) {
		notice->tsc = p->conf.tsc;
		notice->file_most = p->conf.max_output;
	}
	if (notice != MAP_FAILED && send_request(p->machine, words, fds))
		pid = take_sender(p->machine);
	good = pid > 0 && take_listener(p, pid, notice);
	if (notice != MAP_FAILED)
		munmap(notice, sizeof *notice);
	close(fds[FD_INPUT]);
	close(fds[FD_NOTICE]);
	return good;
}

/* Its date has come. */
static void begin(void *arg) {
	struct exec_program *p = arg;
	struct thread *t = p->first;

	p->result.started = true;
	t->task = process_start_as(p->machine->kernel, t->inner, p->name, thread_main, t);
}

struct exec_program *exec_start(struct exec *exec, struct kernel *k,
                                const struct exec_program_conf *conf, GError **error) {
	GString *words = request_words(conf, error);
	struct machine *m = words ? machine_of(exec, k, conf, error) : NULL;
	struct exec_program *p;
	bool good;

	if (!m) {
		if (words)
			g_string_free(words, TRUE);
		return NULL;
	}
	p = g_new0(struct exec_program, 1);
	p->exec = exec;
	p->machine = m;
	p->name = g_strdup(conf->name);
	p->conf = *conf;
	p->output[0] = memfd_create("stdout", MFD_CLOEXEC);
	p->output[1] = memfd_create("stderr", MFD_CLOEXEC);
	g_ptr_array_add(exec->programs, p);
	add_environment(words, conf->environment);
	good = launch(p, conf->input, words);
	g_string_free(words, TRUE);
	if (!good) {
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "cannot be started: %s",
		            g_strerror(errno));
		return NULL;
	}
	sim_event_init(&p->start, begin, p);
	sim_at(exec->sim, &p->start, conf->at);
	return p;
}
