// SPDX-License-Identifier: GPL-2.0-only
/*
 * The first and only process of the booted kernel: reads /scenario, loads each
 * module it names, does what the lines say and writes down what happened.
 * src/recipes/model.ts does the same in the model; the words must agree.
 *
 * Hooks are seen by kprobes on the module's own functions, so that the
 * modules carry no trace of this.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096UL
#define WINDOW_PAGES 64UL
#define TRACING "/sys/kernel/tracing/"

static char *const window = (char *)0x10000000UL;
static unsigned long phys;	/* of the memory that no kernel uses */
static char module[64], recipe[64], device[96];
static int device_fd = -1, other_fd = -1, kmsg_fd = -1;

static void say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	fflush(stdout);
}

static void put(const char *path, const char *text, int flags)
{
	int fd = open(path, O_WRONLY | flags);

	if (fd < 0)
		return;
	if (write(fd, text, strlen(text)) < 0)
		errno = errno;	/* a hook that the module does not have */
	close(fd);
}

/* Where each hook has the range that it is called for. */
static const struct {
	const char *name, *start, *end;
} hooks[] = {
	{ "mmap", "+0(%si)", "+8(%si)" },
	{ "mmap_prepare", "+16(%di)", "+24(%di)" },
	{ "mapped", "%di", "%si" },
	{ "vma_open", "+0(%di)", "+8(%di)" },
	{ "vma_close", "+0(%di)", "+8(%di)" },
};

static void watch_hooks(void)
{
	char line[512];
	size_t i;

	for (i = 0; i < sizeof(hooks) / sizeof(*hooks); i++) {
		snprintf(line, sizeof(line), "p:v/%s %s:%s_%s start=%s:x64 end=%s:x64\n",
			 hooks[i].name, module, recipe, hooks[i].name,
			 hooks[i].start, hooks[i].end);
		put(TRACING "kprobe_events", line, O_APPEND);
	}
	put(TRACING "trace", "", O_TRUNC);
	put(TRACING "events/v/enable", "1", 0);
}

static void say_hooks(void)
{
	static char text[1 << 16];
	char *line, *rest = text;
	size_t used = 0;
	ssize_t got;
	int fd = open(TRACING "trace", O_RDONLY);

	while (fd >= 0 && (got = read(fd, text + used, sizeof(text) - 1 - used)) > 0)
		used += got;
	close(fd);
	text[used] = 0;
	while ((line = strsep(&rest, "\n"))) {
		char *args = strstr(line, ": (");
		char *start = strstr(line, "start="), *end = strstr(line, "end=");
		unsigned long from, to;
		char *name;

		if (!args || !start || !end)
			continue;
		*args = 0;
		name = strrchr(line, ' ') + 1;
		from = strtoul(start + 6, NULL, 16) - (unsigned long)window;
		to = strtoul(end + 4, NULL, 16) - (unsigned long)window;
		say("! %s %ld-%ld\n", name, (long)(from / PAGE), (long)(to / PAGE));
	}
	put(TRACING "trace", "", O_TRUNC);
}

/* What the kernel complains of. */
static void say_complaints(void)
{
	char text[2048];
	ssize_t got;

	while ((got = read(kmsg_fd, text, sizeof(text) - 1)) > 0) {
		char *message;

		text[got] = 0;
		message = strchr(text, ';');
		if (!message)
			continue;
		message[strcspn(message, "\n")] = 0;
		if (strstr(message, "WARNING") || strstr(message, "BUG") ||
		    strstr(message, "Oops"))
			say("# %s\n", message + 1);
	}
}

static const char *result(long ret)
{
	return ret == -1 ? strerrorname_np(errno) : "ok";
}

static void say_name(const char *path)
{
	if (!*path)
		say(" -");
	else if (!strcmp(path, device))
		say(" device");
	else
		say(" other");
}

static void say_maps(void)
{
	FILE *file = fopen("/proc/self/smaps", "r");
	static char line[4096];
	int inside = 0;

	while (file && fgets(line, sizeof(line), file)) {
		unsigned long start, end, offset;
		char perms[8], path[256] = "";
		char *flag;

		line[strcspn(line, "\n")] = 0;
		if (sscanf(line, "%lx-%lx %7s %lx %*s %*s %255[^\n]", &start, &end, perms, &offset, path) >= 4) {
			inside = start >= (unsigned long)window &&
				 end <= (unsigned long)window + WINDOW_PAGES * PAGE;
			if (!inside)
				continue;
			say(": %lu-%lu %s", (start - (unsigned long)window) / PAGE,
			    (end - (unsigned long)window) / PAGE, perms);
			if (offset >= phys && offset < phys + 16 * PAGE)
				say(" frame+%lu", (offset - phys) / PAGE);
			else if (offset >= 4096 * PAGE)
				say(" frame");
			else
				say(" %lu", offset / PAGE);
			say_name(path);
			continue;
		}
		if (!inside || strncmp(line, "VmFlags:", 8))
			continue;
		for (flag = strtok(line + 8, " "); flag; flag = strtok(NULL, " "))
			if (strcmp(flag, "ar"))	/* the processor's own */
				say(" %s", flag);
		say("\n");
	}
	if (file)
		fclose(file);
}

static sigjmp_buf caught;

static void on_signal(int number)
{
	siglongjmp(caught, number);
}

static void access_page(volatile char *at, int write)
{
	char text[32] = "";
	int number = sigsetjmp(caught, 1);
	size_t i;

	if (number) {
		say("= %s\n", number == SIGBUS ? "SIGBUS" : "SIGSEGV");
		return;
	}
	for (i = 0; i < sizeof(text) - 1 && isprint(at[i]); i++)
		text[i] = at[i];
	text[i] = 0;
	if (write)
		at[0] = at[0];
	say("= %s\n", write ? "ok" : *text ? text : "empty");
}

static int protection(const char *word)
{
	return (strchr(word, 'r') ? PROT_READ : 0) | (strchr(word, 'w') ? PROT_WRITE : 0) |
	       (strchr(word, 'x') ? PROT_EXEC : 0);
}

static void say_value(const char *name)
{
	char path[192], text[64] = "";
	int fd;

	snprintf(path, sizeof(path), "/sys/module/%s/parameters/%s", module, name);
	fd = open(path, O_RDONLY);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		strcpy(text, "unreadable");
	close(fd);
	text[strcspn(text, "\n")] = 0;
	say("= %s\n", text);
}

/* One line of the scenario; the words are told in src/recipes/scenario.ts. */
static void step(char *line)
{
	char *word[8] = { 0 };
	char *at;
	long n[8] = { 0 };
	int count = 0, changes = 1;
	pid_t child;

	say("> %s\n", line);
	for (at = strtok(line, " "); at && count < 8; at = strtok(NULL, " "), count++) {
		word[count] = at;
		n[count] = strtol(at, NULL, 10);
	}
#define AT(i) (window + n[i] * PAGE)
#define LENGTH(i) (n[i] * PAGE)
	if (!strcmp(word[0], "open")) {
		close(device_fd);
		device_fd = open(device, strchr(word[1], 'w') ? O_RDWR : O_RDONLY);
		say("= %s\n", result(device_fd));
		changes = 0;
	} else if (!strcmp(word[0], "map")) {
		void *got = mmap(AT(1), LENGTH(2), protection(word[3]),
				 (*word[4] == 's' ? MAP_SHARED : MAP_PRIVATE) | MAP_FIXED,
				 device_fd, LENGTH(5));
		say("= %s\n", result((long)got));
	} else if (!strcmp(word[0], "anon")) {
		void *got = mmap(AT(1), LENGTH(2), PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
		say("= %s\n", result((long)got));
	} else if (!strcmp(word[0], "conflict")) {
		void *got;

		other_fd = open("/dev/dev_mem", O_RDWR);
		got = mmap(AT(1), LENGTH(2), PROT_READ, MAP_SHARED | MAP_FIXED, other_fd, 0);
		say("= %s\n", result((long)got));
		changes = 0;
	} else if (!strcmp(word[0], "unmap")) {
		say("= %s\n", result(munmap(AT(1), LENGTH(2))));
	} else if (!strcmp(word[0], "protect")) {
		say("= %s\n", result(mprotect(AT(1), LENGTH(2), protection(word[3]))));
	} else if (!strcmp(word[0], "move")) {
		say("= %s\n", result((long)mremap(AT(1), LENGTH(2), LENGTH(4),
						  MREMAP_MAYMOVE | MREMAP_FIXED, AT(3))));
	} else if (!strcmp(word[0], "grow")) {
		say("= %s\n", result((long)mremap(AT(1), LENGTH(2), LENGTH(3), 0)));
	} else if (!strcmp(word[0], "fork")) {
		child = fork();
		if (!child)
			_exit(0);
		waitpid(child, NULL, 0);
		say("= ok\n");
	} else if (!strcmp(word[0], "read") || !strcmp(word[0], "write")) {
		access_page(AT(1), *word[0] == 'w');
		changes = 0;
	} else if (!strcmp(word[0], "ioctl")) {
		say("= %s\n", result(ioctl(device_fd, 0, n[1])));
		changes = 0;
	} else if (!strcmp(word[0], "value")) {
		say_value(word[1]);
		changes = 0;
	} else {
		say("= unknown\n");
	}
	say_hooks();
	if (changes)
		say_maps();
	say_complaints();
}

static long load(const char *name, const char *parameters)
{
	char path[128];
	long ret;
	int fd;

	snprintf(path, sizeof(path), "/%s.ko", name);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return -1;
	ret = syscall(SYS_finit_module, fd, parameters, 0);
	close(fd);
	return ret;
}

static void fill(char *at)
{
	for (int i = 0; i < 4; i++)
		sprintf(at + i * PAGE, "page %d", i);
}

static void mount_and_fill(void)
{
	char *data;
	int fd;

	mount("none", "/mnt", recipe, 0, "");
	strcpy(device, "/mnt/data");
	fd = open(device, O_RDWR);
	data = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (data != MAP_FAILED)
		fill(data);
	munmap(data, 4 * PAGE);
	close(fd);
}

static void run(char *line)
{
	char parameters[128] = "";

	sscanf(line, "run %63s %63s %127[^\n]", module, recipe, parameters);
	say("RUN %s\n", module);
	snprintf(device, sizeof(device), "/dev/%s", recipe);
	say("> load\n= %s\n", result(load(module, parameters)));
	if (access(device, F_OK))
		mount_and_fill();
	watch_hooks();
}

static void end_run(void)
{
	put(TRACING "events/v/enable", "0", 0);
	put(TRACING "kprobe_events", "", O_TRUNC);
	munmap(window, WINDOW_PAGES * PAGE);
	close(device_fd);
	close(other_fd);
	device_fd = other_fd = -1;
	umount("/mnt");
	say("> unload\n= %s\n", result(syscall(SYS_delete_module, module, O_NONBLOCK)));
	say_complaints();
	say("END %s\n", module);
}

static void make_lower(void)
{
	static char text[4 * PAGE];
	int fd = open("/lower", O_RDWR | O_CREAT, 0666);

	fill(text);
	if (write(fd, text, sizeof(text)) < 0)
		say("# cannot write /lower\n");
	close(fd);
}

int main(void)
{
	static char line[512];
	struct utsname kernel;
	FILE *scenario;
	int console;

	mkdir("/proc", 0755);
	mkdir("/sys", 0755);
	mkdir("/dev", 0755);
	mkdir("/mnt", 0755);
	mount("proc", "/proc", "proc", 0, "");
	mount("sys", "/sys", "sysfs", 0, "");
	mount("dev", "/dev", "devtmpfs", 0, "");
	mount("tracefs", "/sys/kernel/tracing", "tracefs", 0, "");
	console = open("/dev/console", O_RDWR);
	dup2(console, 0);
	dup2(console, 1);
	dup2(console, 2);
	put("/proc/sys/debug/exception-trace", "0", 0);
	kmsg_fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);
	lseek(kmsg_fd, 0, SEEK_END);
	signal(SIGBUS, on_signal);
	signal(SIGSEGV, on_signal);
	make_lower();
	uname(&kernel);
	say("KERNEL %s\n", kernel.release);
	scenario = fopen("/scenario", "r");
	while (scenario && fgets(line, sizeof(line), scenario)) {
		line[strcspn(line, "\n")] = 0;
		if (!strncmp(line, "phys ", 5)) {
			phys = strtoul(line + 5, NULL, 0);
		} else if (!strncmp(line, "with ", 5)) {
			char name[64], parameters[128] = "";

			sscanf(line, "with %63s %127[^\n]", name, parameters);
			load(name, parameters);
		} else if (!strncmp(line, "run ", 4)) {
			run(line);
		} else if (!strcmp(line, "end")) {
			end_run();
		} else if (*line) {
			step(line);
		}
	}
	say("DONE\n");
	if (!ioperm(0xf4, 4, 1))
		outl(0x10, 0xf4);	/* QEMU ends with status 33 */
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}
