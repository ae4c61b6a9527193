/* Every sentence for a wrong flag. */
#include "check.h"
#include "command_line.h"

#include "options/flag_values.h"
#include "options/options_parse.h"

#include <stdio.h>
#include <string.h>

/* A command line, and what its sentence must hold. */
static const char *const wrong[][3] = {
    {"-ts 0", "-ts 0", "512"},
    {"-ts -5", "-ts -5", "512"},
    {"-ts 12.5", "-ts 12.5", "whole number"},
    {"-ts 512:0", "-ts 512:0", "whole number"},
    {"-ts 512x", "-ts 512x", "not a finite number"},
    {"-ts 1e12", "-ts 1e12", "100000000"},
    {"-ts nan", "-ts nan", "not a finite number"},
    {"-ts", "-ts", "missing; write -ts auto|N"},
    {"-ts -ss 0.1", "-ts", "missing"},
    {"-ts ''", "-ts", "not a finite number"},
    {"--tile= -ss 1", "--tile", "not a finite number"},
    {"-osc 1", "-osc 1", "above 1"},
    {"-osc 0.5", "-osc 0.5", "above 1"},
    {"-osc -2", "-osc -2", "above 1"},
    {"-osc nan", "-osc nan", "not a finite number"},
    {"-osc inf", "-osc inf", "not a finite number"},
    {"-osc 1e999", "-osc 1e999", "not a finite number"},
    {"-osc 1.2abc", "-osc 1.2abc", "not a finite number"},
    {"-osc 1e9", "-osc 1e9", "at most 100"},
    {"-os -1", "-os -1", "out of range"},
    {"-os 3.5", "-os 3.5", "not a whole number"},
    {"-os 99999999999999999999", "-os 99999999999999999999", "out of range"},
    {"-os", "-os", "missing"},
    {"-or 2 -4", "-or 2 -4", "-or 2 3"},
    {"-or 2 2", "-or 2 2", "B above A"},
    {"-or 1", "-or", "-or A B"},
    {"-or", "-or", "-or A B"},
    {"-or 1 -os 3", "-or", "-or A B"},
    {"-or a 3", "-or a", "not a whole number"},
    {"-or 1 3x", "-or 3x", "not a whole number"},
    {"-or 1 9999", "-or 9999", "out of range"},
    {"-or nan 2", "-or nan", "not a whole number"},
    {"-ss 0", "-ss 0", "0.001 to 0.1"},
    {"-ss -0.1", "-ss -0.1", "0.001 to 0.1"},
    {"-ss nan", "-ss nan", "not a finite number"},
    {"-ss 1e30", "-ss 1e30", "at most 1000"},
    {"-ss 0.1:0:exp", "-ss 0.1:0:exp", "linear or cosine"},
    {"-ss 0.1:0.2:sine", "-ss 0.1:0.2:sine", "linear, cosine or exp"},
    {"-img_max_dim 0", "-img_max_dim 0", "from 1"},
    {"-img_max_dim 10k", "-img_max_dim 10k", "not a whole number"},
    {"-img ''", "-img", "empty"},
    {"-img", "-img", "-img PATH"},
    {"-img_out ''", "-img_out", "empty"},
    {"-img_out folder/", "-img_out folder/", "folder/output.tif"},
    {"-m inceptionv3", "-m inceptionv3", "inceptionV3, inceptionResNet or inceptionV1"},
    {"--size 10", "--size 10", "1920x1080"},
    {"--size 10x", "--size 10x", "1920x1080"},
    {"--size x10", "--size x10", "1920x1080"},
    {"--size 1x2x3", "--size 1x2x3", "1920x1080"},
    {"--size 0x10", "--size 0", "from 1"},
    {"--print 100x70", "--print 100x70", "100x70cm"},
    {"--print 100cm", "--print 100cm", "100x70cm"},
    {"--print x70cm", "--print x70cm", "100x70cm"},
    {"--print 0x70cm", "--print 0x70cm", "from 0.1"},
    {"--print 100x70cm -img_max_dim 5", "--print", "-img_max_dim"},
    {"--print 100x70cm --size 5x5", "--print", "--size"},
    {"--print 100x70cm --no-final-resize", "--print", "--no-final-resize"},
    {"--dpi 0", "--dpi 0", "from 1"},
    {"--dpi fine", "--dpi fine", "such as 300"},
    {"--bits 12", "--bits 12", "8 or 16"},
    {"--bits 16 -img_out a.jpg", "--bits 16", "8 bits a channel"},
    {"--bits 16 --compression jpeg", "--compression jpeg", "8 bits a channel"},
    {"--compression zip", "--compression zip", "deflate, lzw, zstd, jpeg or none"},
    {"--compression lzw -img_out a.png", "--compression", "a.png"},
    {"--pyramid on -img_out a.jpg", "--pyramid", "a.jpg"},
    {"--pyramid yes", "--pyramid yes", "on or off"},
    {"--bigtiff 1", "--bigtiff 1", "auto, always or never"},
    {"--bigtiff never -img_out a.png", "--bigtiff", "name a .tif"},
    {"--preview a.tif", "--preview a.tif", ".jpg or .png"},
    {"--preview a.jpg,15", "--preview a.jpg,15", "from 16"},
    {"--preview a.jpg,5000", "--preview a.jpg,5000", "to 4096"},
    {"--preview a%s.jpg", "--preview a%s.jpg", "%03d"},
    {"--preview a%d%d.jpg", "--preview a%d%d.jpg", "%03d"},
    {"--preview a%012d.jpg", "--preview a%012d.jpg", "%03d"},
    {"--memory 2", "--memory 2", "2GiB"},
    {"--memory 2 GiB", "--memory 2", "2GiB"},
    {"--memory -1G", "--memory -1G", "2GiB"},
    {"--preview a.jpg --preview-every 0", "--preview-every 0", "from 1"},
    {"--preview-every 3", "--preview-every 3", "--preview FILE"},
    {"--halo some", "--halo some", "auto, exact"},
    {"--halo -1", "--halo -1", "auto, exact"},
    {"--compat torch", "--compat torch", "give tensorflow"},
    {"--seed -1", "--seed -1", "from 0"},
    {"--seed 18446744073709551616", "--seed 18446744073709551616", "from 0"},
    {"--seed 1.5", "--seed 1.5", "whole number"},
    {"--backend gpu", "--backend gpu", "auto, cuda, cpu or reference"},
    {"--transport ucx", "--transport ucx", "auto, mpi or nccl"},
    {"--precision fp64", "--precision fp64", "auto, bf16, fp16, tf32 or fp32"},
    {"--threads 0", "--threads 0", "from 1"},
    {"--weights ''", "--weights", "empty"},
    {"--log", "--log", "--log FILE"},
    {"--replay ''", "--replay", "empty"},
    {"--quiet=yes", "--quiet=yes", "takes no value"},
    {"--checkpoint-every 0min", "--checkpoint-every 0min", "10min"},
    {"--checkpoint-every 10", "--checkpoint-every 10", "octave"},
    {"--checkpoint-every steps", "--checkpoint-every steps", "100steps"},
    {"--resume a --proof", "--resume a", "--proof"},
    {"--resume a --restart", "--restart", "one of them"},
    {"-save_input=1", "-save_input=1", "takes no value"},
    {"-img a.png photo.jpg", "photo.jpg", "-img photo.jpg"},
    {"-img a b", "'b'", "-img b"},
    {"-", "'-'", "-img"},
    {"--", "'--'", "-img"},
    {"''", "''", "-img PATH"},
    {"-octave 3", "-octave", "--octaves"},
    {"--tiles 3", "--tiles", "--tile"},
    {"--max 3", "--max", "--max-dim"},
    {"-IMG 3", "-IMG", "-img"},
    {"--sede=3", "--sede", "--seed"},
    {"--img-out x", "--img-out", "-img_out"},
    {"-img a --size 10x10", "--size", "-img_max_dim"},
    {"--size 10x10 -img_max_dim 5", "--size", "one of them"},
    {"--enlarge", "--enlarge", "random_noise"},
    {"--backend reference --precision bf16", "--precision bf16", "--backend reference"},
    {"--backend reference --precision fp32", "--precision fp32", "--backend reference"},
    {"--backend reference --precision fp16", "--precision fp16", "--backend reference"},
    {"--compat tensorflow --precision bf16", "--precision bf16 and --compat", "--precision auto"},
    {"--compat tensorflow --precision tf32", "--precision tf32", "--compat"},
    {"--compat tensorflow -ts auto", "-ts auto", "--compat"},
    {"--backend cpu --precision fp16", "--precision fp16", "--backend cpu"},
    {"--device h100", "--device h100", "--dry-run"},
    {"--ranks 8", "--ranks 8", "--dry-run"},
    {"--dry-run --device h100 --backend cpu", "--device h100", "--backend cpu"},
    {"--compat tensorflow --keep-detail", "--keep-detail and --compat", "--keep-detail=off"},
    {"-or auto 1", "-or auto 1", "write -or auto, or two"},
    {"-or 1 auto", "auto", "whole number"},
    {"--compat tensorflow --halo 64", "--halo and --compat", "--halo auto"},
    {"--halo exact --compat tensorflow", "--halo", "--compat"},
};

static void wrong_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        gd_options options;
        gd_error error;
        if (parse(wrong[i][0], &options, &error) != GD_USAGE)
            fail_msg("[%s] is not refused", wrong[i][0]);
        for (int j = 1; j < 3; j++)
            if (!strstr(error.message, wrong[i][j]))
                fail_msg("[%s]: '%s' lacks '%s'", wrong[i][0], error.message, wrong[i][j]);
        if (strchr(error.message, '\n') || error.message[strlen(error.message) - 1] == '.')
            fail_msg("[%s]: '%s' is no single sentence without a final point", wrong[i][0], error.message);
    }
}

static void each_value_flag_wants_its_value(void **state)
{
    (void)state;
    for (int i = 0; i < GD_FLAG_COUNT; i++) {
        char line[128];
        gd_options options;
        gd_error error;
        snprintf(line, sizeof line, "--%s", gd_flags[i].long_name);
        bool may = i == GD_FLAG_LAYERS || i == GD_FLAG_SHEET;
        bool alone = i == GD_FLAG_ENLARGE || i == GD_FLAG_SEED_PER_FRAME ||
                     i == GD_FLAG_WEB_PRIVATE; /* what they are for is not there */
        gd_status expected = (gd_flag_values(&gd_flags[i]) > 0 && !may) || alone ? GD_USAGE : GD_OK;
        if (parse(line, &options, &error) != expected)
            fail_msg("%s alone: '%s'", line, error.message);
    }
}

static void long_names_are_refused(void **state)
{
    (void)state;
    static char name[GD_PATH_MAX + 8];
    char program[] = "gigadream", flag[] = "-img";
    char *words[] = {program, flag, name};
    gd_options options;
    gd_error error;
    memset(name, 'a', GD_PATH_MAX);
    assert_int_equal(gd_options_parse(3, words, &options, &error), GD_USAGE);
    assert_non_null(strstr(error.message, "longer than"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_values),
        cmocka_unit_test(each_value_flag_wants_its_value),
        cmocka_unit_test(long_names_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
