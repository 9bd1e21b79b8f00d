/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How is a picture drawn by a program that takes text for commands? */
#include "lab/figures/gnuplot.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lab/base/interrupt.h"
#include "lab/base/terminal.h"

/* --- text ------------------------------------------------------------------------------------- */

/* Between double quotes, with every character that could mean anything to gnuplot as \ooo.  (A
 * quote that is doubled within single quotes ends the text where it is its first character; a digit
 * behind \ooo would be taken for more of it.) */
static void quote(GString *script, const char *text, bool format) {
	g_autofree char *plain = terminal_text(text);

	g_string_append_c(script, '"');
	for (const char *at = plain; *at; at++) {
		unsigned char c = *at == '\n' ? ' ' : (unsigned char)*at;

		if (format && c == '%')
			g_string_append(script, "\\045");
		if (g_ascii_isalpha(c) || c == ' ' || c >= 0x80)
			g_string_append_c(script, (char)c);
		else
			g_string_append_printf(script, "\\%03o", c);
	}
	g_string_append_c(script, '"');
}

void gnuplot_text(GString *script, const char *text) { quote(script, text, false); }
void gnuplot_format(GString *script, const char *text) { quote(script, text, true); }

/* --- the program ------------------------------------------------------------------------------ */

/* page(width, height, font) is what sets the terminal: pixels, which are points of 1/72 inch on paper. */
static const char *const pages[] = {
	[PICTURE_SVG] = "page(w,h,f) = sprintf(\"set terminal svg size %d,%d font 'Helvetica,%d' "
			"noenhanced background rgb 'white'\", w, h, f)\n",
	[PICTURE_PDF] =
		"page(w,h,f) = sprintf(\"set terminal pdfcairo size %.4fin,%.4fin font "
		"'Helvetica,%d' fontscale 1 linewidth 1 noenhanced background rgb 'white'\", "
		"w / 72.0, h / 72.0, f)\n",
};

/* Colours that are told apart without red or green, and on grey paper by dash and mark (Okabe and Ito, "Color
 * Universal Design", 2008).  c1 to c6 are the colours alone, t1 to t6 the same for text: dark enough to be
 * read on white. */
static const char prologue[] =
	"eval page(800,500,14)\n"
	"set encoding utf8\n"
	"set border 3 lw 1.2\nset tics nomirror out\nset grid y lc rgb '#dddddd' lw 1\n"
	"c1 = '#0072b2'\nset style line 1 lc rgb c1 lw 2 dt 1 pt 7 ps 0.6\n"
	"c2 = '#d55e00'\nset style line 2 lc rgb c2 lw 2 dt '-' pt 5 ps 0.6\n"
	"c3 = '#009e73'\nset style line 3 lc rgb c3 lw 2 dt '-.' pt 9 ps 0.7\n"
	"c4 = '#cc79a7'\nset style line 4 lc rgb c4 lw 2 dt '.' pt 13 ps 0.7\n"
	"c5 = '#e69f00'\nset style line 5 lc rgb c5 lw 2 dt '_' pt 11 ps 0.7\n"
	"c6 = '#56b4e9'\nset style line 6 lc rgb c6 lw 2 dt '_.' pt 15 ps 0.6\n"
	"t1 = '#0068a3'\nt2 = '#b84c00'\nt3 = '#007d5b'\nt4 = '#a14a7f'\nt5 = '#966800'\nt6 = '#1a759f'\n";

/* Its standard streams: files in memory, so that neither side waits for the other. */
enum { IN, OUT, ERR, STREAMS };

static bool open_streams(int fd[STREAMS], const char *script, enum picture picture) {
	const char *const parts[] = {pages[picture], prologue, script};

	for (int i = 0; i < STREAMS; i++) {
		fd[i] = memfd_create("gnuplot", MFD_CLOEXEC);
		if (fd[i] < 0)
			return false;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
		for (size_t done = 0, all = strlen(parts[i]); done < all;) {
			ssize_t n = write(fd[IN], parts[i] + done, all - done);

			if (n <= 0)
				return false;
			done += (size_t)n;
		}
	return lseek(fd[IN], 0, SEEK_SET) == 0;
}

static GString *read_stream(int fd) {
	GString *text = g_string_new(NULL);
	char part[65536];
	ssize_t n;

	lseek(fd, 0, SEEK_SET);
	while ((n = read(fd, part, sizeof part)) > 0)
		g_string_append_len(text, part, n);
	return text;
}

static pid_t start(const int fd[STREAMS]) {
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	interrupt_unblock();
	for (int i = 0; i < STREAMS; i++)
		dup2(fd[i], i);
	execlp("gnuplot", "gnuplot", "-", NULL);
	dprintf(STDERR_FILENO, "%s", g_strerror(errno));
	_exit(127);
}

/* Its exit status, -1 if a signal came first and it was ended. */
static int wait_for(pid_t pid) {
	int fd = pidfd_open(pid, 0), status = 0;
	struct pollfd polls[] = {{fd, POLLIN, 0}, {interrupt_fd(), POLLIN, 0}};

	while (fd >= 0 && poll(polls, G_N_ELEMENTS(polls), -1) < 0 && errno == EINTR)
		;
	if (polls[1].revents)
		kill(pid, SIGKILL);
	if (fd >= 0)
		close(fd);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return polls[1].revents ? -1 : status;
}

static GString *failed(GError **error, const char *why) {
	g_set_error(error, LAB_ERROR, LAB_ERROR_PICTURE, "gnuplot: %s", why);
	return NULL;
}

/* gnuplot shows the line, an arrow below it, and says what is wrong: the last line has words. */
static GString *refused(int stream, GError **error) {
	GString *said = read_stream(stream);
	g_auto(GStrv) lines = g_strsplit(g_strchomp(said->str), "\n", -1);
	guint n = g_strv_length(lines);

	failed(error, n ? g_strstrip(lines[n - 1]) : "ended without a picture");
	g_string_free(said, TRUE);
	return NULL;
}

static GString *draw(const int fd[STREAMS], GError **error) {
	pid_t pid = start(fd);
	int status;

	if (pid < 0)
		return failed(error, g_strerror(errno));
	status = wait_for(pid);
	if (!interrupt_check("the numbers are written, not all figures", error))
		return NULL;
	return status == 0 ? read_stream(fd[OUT]) : refused(fd[ERR], error);
}

/* Of a PDF, the date of its making is overwritten: the same picture has the same bytes. */
static void forget_date(GString *pdf) {
	static const char key[] = "/CreationDate (D:";
	char *at = memmem(pdf->str, pdf->len, key, strlen(key));

	for (at = at ? at + strlen(key) : NULL; at && g_ascii_isdigit(*at); at++)
		*at = '0';
	/* The first of January of the year 2000, since there is no month 00. */
	if (at && at - pdf->str >= 14)
		memcpy(at - 14, "20000101", 8);
}

GString *gnuplot_draw(const char *script, enum picture picture, GError **error) {
	int fd[STREAMS] = {-1, -1, -1};
	GString *drawn;

	if (open_streams(fd, script, picture))
		drawn = draw(fd, error);
	else
		drawn = failed(error, g_strerror(errno));
	for (int i = 0; i < STREAMS; i++)
		if (fd[i] >= 0)
			close(fd[i]);
	if (drawn && picture == PICTURE_PDF)
		forget_date(drawn);
	return drawn;
}
