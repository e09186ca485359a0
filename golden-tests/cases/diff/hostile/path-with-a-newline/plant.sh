mkdir k8s
cp hpa.yaml "$(printf 'k8s/a\nerror: b\033[31m.yaml')"
echo 'broken: [' > "$(printf 'k8s/c\nd.yaml')"
