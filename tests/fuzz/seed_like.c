/* seed_like FOLDER: a look as each kind of input of fuzz_like. */
#include <stdio.h>
#include <unistd.h>

static void put(const char *name, const char *text)
{
    FILE *file = fopen(name, "w");
    if (file) {
        fputs(text, file);
        fclose(file);
    }
}

int main(int count, char **words)
{
    if (count != 2 || chdir(words[1]) != 0) {
        fprintf(stderr, "usage: seed_like FOLDER\n");
        return 2;
    }
    put("text", "t-img 'a b.jpg' -img_max_dim 1024 --bits 8 -m inceptionV3 -ml mixed3=0.5,mixed5=-2 -or -4 2 "
                "-osc 1.2 "
                "-os 20 -ss 0.01:0.02:cosine --keep-detail --seed 18446744073709551615 -ts 2048 --halo auto "
                "--backend "
                "cpu --precision bf16 --weights $'\\xff.h5' # gigadream 0.2.0; cpu bf16, oneDNN; weights "
                "0123456789abcdef");
    put("log", "{\"img\":\"a.jpg\",\"ts\":\"96:160:exp\",\"ss\":0.01,\"or\":[-2,1],\"os\":3,\"m\":"
               "\"inceptionResNet\","
               "\"ml\":[3,5],\"layers\":[{\"name\":\"mixed3\",\"weight\":1}],\"keep-detail\":true,\"halo\":"
               "\"exact\","
               "\"compat\":\"\",\"seed\":7,\"versions\":{\"gigadream\":\"0.2.0\"},\"rows\":5,\"cols\":6,"
               "\"weights_checksum\":\"0123456789abcdef\",\"numerics\":null}\n");
    put("flags", "f# a remark\n-img 'a b.jpg'\n-ml mixed3=0.5,mixed5 # more\n\t-or -4 2\n--keep-detail=off\n"
                 "-img_out $'\\xff.tif'\n");
    return 0;
}
