/* When the device refuses, fails or hangs: a sentence, nothing leaked, and an end. For the stand-in device
 * alone, which can be told to. Each case runs in a child of its own. */
#include "kernels/cuda/cuda.h"
#include "kernels/net_case.h"
#include "net/fold.h"
#include "standin/standin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const gd_backend *const cuda = &gd_backend_cuda;

enum { DONE = 0, REPORTED = 10, SILENT = 11 };

/* What a child is to be told. */
typedef struct fault {
    const char *name, *value; /* of the environment */
    const char *inject;       /* what fails, or NULL */
    uint64_t nth;
    const char *slow; /* an operation that never ends, or NULL */
} fault;

typedef struct stage {
    gd_device *device;
    gd_program *program;
    gd_memory *memory;
    void *arena, *staging;
    float *window, *gradient;
} stage;

static gd_status allocate(stage *s, gd_tape *tape, gd_error *error)
{
    const gd_memory_class *class = s->memory->class;
    const size_t bytes = side_picture_bytes(tape);
    gd_status status = class->reserve(s->memory, GD_FOR_TENSORS, cuda->arena_bytes(s->program), error);
    if (status == GD_OK)
        status = class->allocate(s->memory, GD_FOR_TENSORS, cuda->arena_bytes(s->program), &s->arena, error);
    if (status == GD_OK)
        status = class->allocate(s->memory, GD_FOR_WINDOWS, bytes, (void **)&s->window, error);
    if (status == GD_OK)
        status = class->allocate(s->memory, GD_FOR_WINDOWS, bytes, (void **)&s->gradient, error);
    return status == GD_OK ? class->allocate_staging(s->memory, bytes, &s->staging, error) : status;
}

/* A window computed twice: operation by operation, and by a graph. */
static gd_status compute(stage *s, gd_tape *tape, gd_error *error)
{
    const gd_memory_class *class = s->memory->class;
    const size_t bytes = side_picture_bytes(tape);
    const gd_rect_copy copy = {s->window, s->gradient, 3, 3, 1, 3};
    double sums[2];
    uint64_t event = 0;
    memset(s->staging, 0, bytes);
    gd_status status = class->upload(s->memory, s->window, s->staging, bytes, error);
    if (status == GD_OK)
        status = gd_memory_synchronize(s->memory, error);
    for (int turn = 0; turn < 2 && status == GD_OK; turn++) {
        status = cuda->run(s->program, s->arena, 0, tape->op_count, s->window, s->gradient, error);
        if (status == GD_OK)
            status =
                cuda->moments(s->device, s->gradient, tape->rows, tape->cols, tape->cols * 3, sums, error);
        if (status == GD_OK)
            status = cuda->record_event(s->device, &event, error);
        if (status == GD_OK)
            status = turn == 0 ? cuda->wait_event(s->device, event, error) : cuda->finish(s->device, error);
    }
    if (status == GD_OK)
        status = class->copy(s->memory, &copy, 1, error);
    if (status == GD_OK)
        status = class->download(s->memory, s->staging, s->gradient, bytes, error);
    return status == GD_OK ? gd_memory_synchronize(s->memory, error) : status;
}

static gd_status everything(stage *s, gd_tape *tape, const gd_filter_values *filters, const fault *f,
                            gd_error *error)
{
    const gd_device_options options = {.precision = GD_PRECISION_BF16, .patience = f->slow ? 4 : 60};
    gd_status status = cuda->open(&options, &s->device, error);
    if (status != GD_OK)
        return status;
    s->memory = cuda->memory(s->device);
    status = cuda->load(s->device, tape, filters, error);
    if (status == GD_OK)
        status = cuda->compile(s->device, tape, &s->program, error);
    if (status == GD_OK)
        status = allocate(s, tape, error);
    return status == GD_OK ? compute(s, tape, error) : status;
}

static void clean_up(stage *s)
{
    cuda->free(s->program);
    if (s->memory) {
        gd_memory_release(s->memory, GD_FOR_WINDOWS, &s->window);
        gd_memory_release(s->memory, GD_FOR_WINDOWS, &s->gradient);
        s->memory->class->release(s->memory, GD_FOR_TENSORS, s->arena);
        s->memory->class->release_staging(s->memory, s->staging);
    }
    cuda->close(s->device);
}

static gd_tape *tape;             /* made once, for all children */
static gd_filter_values *filters; /* likewise */

/* In the child: the sentence goes to `out`. */
static int attempt(const fault *f, FILE *out)
{
    gd_error error = {{0}};
    stage s = {0};
    if (f->inject)
        gd_standin_inject(f->inject, f->nth);
    if (f->slow)
        gd_standin_slow(f->slow, 1e9);
    const gd_status status = everything(&s, tape, filters, f, &error);
    if (!f->slow)
        clean_up(&s);
    else
        cuda->close(s.device);
    if (status == GD_OK)
        return DONE;
    fprintf(out, "%d %s", (int)status, error.message);
    return error.message[0] ? REPORTED : SILENT;
}

/* Gives the child's exit code (1000 and more: a signal), and its words. */
static int run_child(const fault *f, char *text, size_t bytes)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    fflush(NULL);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        dup2(ends[1], 2);
        close(ends[0]);
        alarm(60);
        if (f->name)
            setenv(f->name, f->value, 1);
        if (f->slow)
            setenv("GD_STANDIN_LEAKS", "off", 1); /* what hangs is left as it is */
        const int code = attempt(f, stderr);
        fflush(stderr);
        exit(code);
    }
    close(ends[1]);
    size_t got = 0;
    for (ssize_t n; got + 1 < bytes && (n = read(ends[0], text + got, bytes - 1 - got)) > 0;)
        got += (size_t)n;
    text[got] = 0;
    close(ends[0]);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static void check_sentence(const fault *f, gd_status status, const char *words)
{
    char text[4096], wanted[8];
    const int code = run_child(f, text, sizeof text);
    snprintf(wanted, sizeof wanted, "%d ", (int)status);
    if (code != REPORTED || strncmp(text, wanted, strlen(wanted)) != 0 || !strstr(text, words))
        fail_msg("%s: exit code %d, \"%s\" instead of \"%s\"",
                 f->inject ? f->inject
                 : f->slow ? f->slow
                           : f->value,
                 code, text, words);
}

static void test_none(void **state)
{
    (void)state;
    char text[4096];
    const int code = run_child(&(fault){0}, text, sizeof text);
    if (code != DONE)
        fail_msg("exit code %d: %s", code, text);
}

static void test_unavailable(void **state)
{
    (void)state;
    check_sentence(&(fault){.name = "GD_STANDIN_DEVICES", .value = "none"}, GD_BACKEND, "no NVIDIA driver");
    check_sentence(&(fault){.name = "GD_STANDIN_DEVICES", .value = "0"}, GD_BACKEND, "shows no GPU");
    check_sentence(&(fault){.name = "GD_STANDIN_CAPABILITY", .value = "7.5"}, GD_BACKEND, "8.0 or newer");
    check_sentence(&(fault){.name = "GD_STANDIN_MEMORY", .value = "1M"}, GD_MEMORY, "-ts");
}

/* Every one of `what`, from the first until there are no more, `step` by `step`; each is reported. */
static void check_all(const char *what, uint64_t step, gd_status status, const char *words)
{
    char text[4096], wanted[8];
    uint64_t nth = 1;
    int code = REPORTED;
    snprintf(wanted, sizeof wanted, "%d ", (int)status);
    for (; code == REPORTED; nth += step) {
        code = run_child(&(fault){.inject = what, .nth = nth}, text, sizeof text);
        if (code != DONE &&
            (code != REPORTED || strncmp(text, wanted, strlen(wanted)) != 0 || !strstr(text, words)))
            fail_msg("%s %d: exit code %d, \"%s\" instead of \"%s\"", what, (int)nth, code, text, words);
    }
    assert_true(nth > 2 * step);
    print_message("%s: %d reported\n", what, (int)((nth - 1) / step - 1));
}

static void test_memory(void **state)
{
    (void)state;
    check_all("malloc", 1, GD_MEMORY, ";");
    check_all("hostalloc", 1, GD_MEMORY, ";");
}

static void test_launches(void **state)
{
    (void)state;
    check_all("launch", 7, GD_BACKEND, "--backend cpu");
    check_all("cudnnBackendExecute", 5, GD_BACKEND, "did not start the convolution");
    check_all("cublasLtMatmul", 3, GD_BACKEND, "did not start the product");
    check_sentence(&(fault){.inject = "cublasLtCreate", .nth = 1}, GD_BACKEND, "cuBLASLt cannot be opened");
    check_sentence(&(fault){.inject = "cudnnCreate", .nth = 1}, GD_BACKEND, "cuDNN cannot be used");
}

/* From some operation on the device is lost. */
static void test_lost(void **state)
{
    (void)state;
    check_all("run", 13, GD_BACKEND, "--backend cpu");
}

static void test_hang(void **state)
{
    (void)state;
    check_sentence(&(fault){.slow = "cuDNN"}, GD_BACKEND, "was not done after");
    check_sentence(&(fault){.slow = "add_partial"}, GD_BACKEND, "was not done after");
    check_sentence(&(fault){.slow = "copy_rects"}, GD_BACKEND, "did not finish its copies within 4 s");
}

static int setup(void **state)
{
    net_case c;
    (void)state;
    /* Its devices are open in this process alone; children begin with none. */
    net_case_lower(&c, GD_INCEPTION_V3, "mixed0", 75, 75);
    tape = c.tape;
    filters = c.filters;
    gd_net_free(c.net);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    gd_filters_free(filters, tape->filter_count);
    gd_tape_free(tape);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_none),     cmocka_unit_test(test_unavailable), cmocka_unit_test(test_memory),
        cmocka_unit_test(test_launches), cmocka_unit_test(test_lost),        cmocka_unit_test(test_hang),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
