/* The public models. Sizes and SHA-256 of the ONNX Model Zoo's are those of its large-file pointers. */
#include "registry/entry.h"

#define ZOO "https://github.com/onnx/models/raw/main/validated/vision/classification/"
#define ZOO_SOURCE "ONNX Model Zoo, github.com/onnx/models"
#define FROM_ZOO(path, size, hash)                                                                           \
    .source = ZOO_SOURCE, .url = ZOO path, .bytes = (size), .digest_kind = FS_DIGEST_SHA256, .digest = (hash)

/* How a network was trained decides how pictures become its input. */
#define CAFFE_INPUT                                                                                          \
    .height = 224, .width = 224, .channels = "BGR", .range = 255, .mean = {104, 117, 123}, .std = {1, 1, 1}
#define IMAGENET_INPUT                                                                                       \
    .height = 224, .width = 224, .channels = "RGB", .range = 1, .mean = {0.485, 0.456, 0.406},               \
    .std = {0.229, 0.224, 0.225}

/* The walk from edges to objects that InceptionV1 is best known for. */
static const char *const inception_edges[] = {"conv2d0", NULL};
static const char *const inception_textures[] = {"conv2d1", "conv2d2", "mixed3a", "mixed3b", NULL};
static const char *const inception_patterns[] = {"mixed4a", NULL};
static const char *const inception_parts[] = {"mixed4b", "mixed4c", NULL};
static const char *const inception_objects[] = {"mixed4d", "mixed4e", "mixed5a", "mixed5b", NULL};

const fs_registry_entry fs_registry_catalogue[] = {
    {.name = "inceptionv1",
     .title = "InceptionV1, TensorFlow's",
     .source = "inception5h, storage.googleapis.com/download.tensorflow.org",
     .url = "https://storage.googleapis.com/download.tensorflow.org/models/inception5h.zip",
     .bytes = 50000000,
     .is_estimate = true,
     .member = "tensorflow_inception_graph.pb",
     .labels_member = "imagenet_comp_graph_label_strings.txt",
     .digest_kind = FS_DIGEST_GIT_BLOB,
     .digest = "b71afb3c1ec3172ecd406a5d8b7bbfd90c1f7756",
     .height = 224,
     .width = 224,
     .channels = "RGB",
     .range = 255,
     .mean = {117, 117, 117},
     .std = {1, 1, 1},
     .levels = {inception_edges, inception_textures, inception_patterns, inception_parts, inception_objects}},
    {.name = "squeezenet1.1",
     .title = "SqueezeNet 1.1, MXNet's",
     FROM_ZOO("squeezenet/model/squeezenet1.1-7.onnx", 4956208,
              "1eeff551a67ae8d565ca33b572fc4b66e3ef357b0eb2863bb9ff47a918cc4088"),
     IMAGENET_INPUT},
    {.name = "squeezenet1.0",
     .title = "SqueezeNet 1.0, Caffe's",
     FROM_ZOO("squeezenet/model/squeezenet1.0-12.onnx", 4952956,
              "dec81a8684617770b3cf13fadc1d92565d1d453d23935fc6388b792d99c992bd"),
     CAFFE_INPUT},
    {.name = "googlenet",
     .title = "GoogLeNet, Caffe's",
     FROM_ZOO("inception_and_googlenet/googlenet/model/googlenet-12.onnx", 28021836,
              "c99c507058eaf41de8723408fdda7db8325cb57f0a89f2ee07a716d6e963e14e"),
     CAFFE_INPUT},
    {.name = "mobilenetv2",
     .title = "MobileNet v2",
     FROM_ZOO("mobilenet/model/mobilenetv2-12.onnx", 13964571,
              "c0c3f76d93fa3fd6580652a45618618a220fced18babf65774ed169de0432ad5"),
     IMAGENET_INPUT},
    {.name = "resnet18",
     .title = "ResNet-18 v1",
     FROM_ZOO("resnet/model/resnet18-v1-7.onnx", 46820737,
              "4e8f8653e7a2222b3904cc3fe8e304cd8b339ce1d05fd24688162f86fb6df52c"),
     IMAGENET_INPUT},
    {.name = "resnet50",
     .title = "ResNet-50 v1",
     FROM_ZOO("resnet/model/resnet50-v1-12.onnx", 102576593,
              "3f03fdef724b22947eed826f1eef1dc5c34151bb4c37d634f1db89dfa2dd1526"),
     IMAGENET_INPUT},
    {.name = "densenet121",
     .title = "DenseNet-121",
     FROM_ZOO("densenet-121/model/densenet-12.onnx", 32726877,
              "0294e7e88e5b3360de9b0fdc321baf9e6ef18b7f058c4536caae3b9f18ed9ed5"),
     IMAGENET_INPUT},
    {.name = "alexnet",
     .title = "AlexNet, Caffe's",
     FROM_ZOO("alexnet/model/bvlcalexnet-12.onnx", 243863787,
              "6b0da9510f27f234ee96a85dc3809dd210150fdefad87f6850f9788513216945"),
     CAFFE_INPUT},
    {.name = "zfnet",
     .title = "ZFNet-512, Caffe's",
     FROM_ZOO("zfnet-512/model/zfnet512-12.onnx", 349005501,
              "c975ca6a24c0a2e1584c6f82667e0ac9c06084fc7769d267f71b4a154d1f1c72"),
     CAFFE_INPUT},
    {.name = "vgg16",
     .title = "VGG-16",
     FROM_ZOO("vgg/model/vgg16-12.onnx", 553437752,
              "722c42f53ca03a5480296bf8f9c85a151de3eed9ec982d7d2302ff6e2900c67b"),
     IMAGENET_INPUT},
};

const int fs_registry_count = (int)(sizeof fs_registry_catalogue / sizeof *fs_registry_catalogue);
