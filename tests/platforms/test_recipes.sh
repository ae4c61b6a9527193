#!/usr/bin/env bash
# Every recipe names the version that CMakeLists.txt does, and the form of Open OnDemand and its job are what their
# readers want: each field of the form described once, a job whose fields are quoted for the shell.
set -euo pipefail
source=$(cd "$(dirname "$0")/../.." && pwd)
cd "$source/packages"
version=$(sed -n 's/^project(gigadream VERSION \([0-9.]*\).*/\1/p' ../CMakeLists.txt)
grep -qx "  version: $version" conda/recipe.yaml || { echo "conda/recipe.yaml is not of version $version" && exit 1; }
grep -qx "version = '$version'" easybuild/gigadream-"$version"-*.eb || { echo "easybuild has no file of version $version" && exit 1; }
"$GD_PYTHON" -c 'import ast, sys; ast.parse(open(sys.argv[1], encoding="ascii").read())' spack/package.py
command -v ruby >/dev/null || {
    echo "ruby is not installed (Debian: ruby): the form of Open OnDemand was not tried"
    exit 77
}
ruby -rerb -ryaml -rshellwords -e '
    form = YAML.safe_load(ERB.new(File.read("ondemand/form.yml.erb")).result)
    abort "the fields of form and attributes differ" unless form["form"].sort == form["attributes"].keys.sort
    given = { "picture" => "a b/it'"'"'s $(touch no).jpg", "output" => "out put.tif", "layers" => "mixed3,mixed4;touch no",
              "width" => "4096", "nodes" => "2", "ranks" => "4", "hours" => "8" }
    abort "this test knows #{given.keys}" unless given.keys.sort == form["form"].sort
    fields = Object.new
    given.each { |name, value| fields.define_singleton_method(name) { value } }
    job = YAML.safe_load(ERB.new(File.read("ondemand/submit.yml.erb")).result(fields.instance_eval { binding }))["script"]
    wanted = ["--nodes=2", "--ntasks-per-node=4", "--time=8:00:00"]
    abort "what Slurm is told: #{job["native"]}" unless (wanted - job["native"]).empty?
    words = Shellwords.split(job["content"].sub(/\A#!.*\n/, "").gsub("\\\n", ""))
    abort "what is run: #{words}" unless words[0, 2] == %w[exec bash] && words[2].end_with?("/slurm/poster.sbatch") &&
        words[3..] == ["-img", given["picture"], "-img_out", given["output"], "-ml", given["layers"], "-img_max_dim", "4096"]'
