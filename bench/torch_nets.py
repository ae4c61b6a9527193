"""The networks in PyTorch as people run them for speed, batch norm in the weights: peers for step.py.

Each function gives a list of (layer, module): each module maps a tensor to a tensor.
"""
import torch
from torch import nn


class Conv(nn.Module):
    def __init__(self, n_in, n_out, kernel, stride=1, pad=0):
        super().__init__()
        self.conv = nn.Conv2d(n_in, n_out, kernel, stride, pad)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x):
        return self.relu(self.conv(x))


class Branches(nn.Module):
    def __init__(self, *branches):
        super().__init__()
        self.branches = nn.ModuleList(branches)

    def forward(self, x):
        return torch.cat([branch(x) for branch in self.branches], 1)


class Norm(nn.Module):
    """Local response normalization; PyTorch has none in bfloat16 on processors, so that it is in float32 there."""

    def forward(self, x):
        return nn.functional.local_response_norm(x.float(), 5, 1e-4, 0.75, 1).to(x.dtype)


def inception_v3():
    """Inception V3 without top."""
    def mean(n_in, n_out):
        return nn.Sequential(nn.AvgPool2d(3, 1, 1, count_include_pad=False), Conv(n_in, n_out, 1))

    def block_35(n_in, pool):
        return Branches(
            Conv(n_in, 64, 1),
            nn.Sequential(Conv(n_in, 48, 1), Conv(48, 64, 5, 1, 2)),
            nn.Sequential(Conv(n_in, 64, 1), Conv(64, 96, 3, 1, 1), Conv(96, 96, 3, 1, 1)),
            mean(n_in, pool),
        )

    def block_17(c):
        row, col = ((1, 7), 1, (0, 3)), ((7, 1), 1, (3, 0))
        return Branches(
            Conv(768, 192, 1),
            nn.Sequential(Conv(768, c, 1), Conv(c, c, *row), Conv(c, 192, *col)),
            nn.Sequential(Conv(768, c, 1), Conv(c, c, *col), Conv(c, c, *row), Conv(c, c, *col), Conv(c, 192, *row)),
            mean(768, 192),
        )

    def split(n):
        return Branches(Conv(n, 384, (1, 3), 1, (0, 1)), Conv(n, 384, (3, 1), 1, (1, 0)))

    def block_8(n_in):
        return Branches(
            Conv(n_in, 320, 1),
            nn.Sequential(Conv(n_in, 384, 1), split(384)),
            nn.Sequential(Conv(n_in, 448, 1), Conv(448, 384, 3, 1, 1), split(384)),
            mean(n_in, 192),
        )

    stem = nn.Sequential(
        Conv(3, 32, 3, 2), Conv(32, 32, 3), Conv(32, 64, 3, 1, 1), nn.MaxPool2d(3, 2),
        Conv(64, 80, 1), Conv(80, 192, 3), nn.MaxPool2d(3, 2),
    )
    down_17 = Branches(
        Conv(288, 384, 3, 2),
        nn.Sequential(Conv(288, 64, 1), Conv(64, 96, 3, 1, 1), Conv(96, 96, 3, 2)),
        nn.MaxPool2d(3, 2),
    )
    down_8 = Branches(
        nn.Sequential(Conv(768, 192, 1), Conv(192, 320, 3, 2)),
        nn.Sequential(
            Conv(768, 192, 1), Conv(192, 192, (1, 7), 1, (0, 3)), Conv(192, 192, (7, 1), 1, (3, 0)), Conv(192, 192, 3, 2)
        ),
        nn.MaxPool2d(3, 2),
    )
    return [
        ("stem", stem), ("mixed0", block_35(192, 32)), ("mixed1", block_35(256, 64)), ("mixed2", block_35(288, 64)),
        ("mixed3", down_17), ("mixed4", block_17(128)), ("mixed5", block_17(160)), ("mixed6", block_17(160)),
        ("mixed7", block_17(192)), ("mixed8", down_8), ("mixed9", block_8(1280)), ("mixed10", block_8(2048)),
    ]


def inception_v1():
    """GoogLeNet without top, as BVLC published it: ceil-mode pools, two normalizations, no batch norm."""
    def pool():
        return nn.MaxPool2d(3, 2, ceil_mode=True)

    def block(n_in, one, three, five, pooled):
        return Branches(
            Conv(n_in, one, 1),
            nn.Sequential(Conv(n_in, three[0], 1), Conv(*three, 3, 1, 1)),
            nn.Sequential(Conv(n_in, five[0], 1), Conv(*five, 5, 1, 2)),
            nn.Sequential(nn.MaxPool2d(3, 1, 1), Conv(n_in, pooled, 1)),
        )

    stem = nn.Sequential(Conv(3, 64, 7, 2, 3), pool(), Norm(), Conv(64, 64, 1), Conv(64, 192, 3, 1, 1), Norm(), pool())
    blocks = [
        ("3a", block(192, 64, (96, 128), (16, 32), 32)), ("3b", block(256, 128, (128, 192), (32, 96), 64)),
        ("4a", nn.Sequential(pool(), block(480, 192, (96, 208), (16, 48), 64))),
        ("4b", block(512, 160, (112, 224), (24, 64), 64)), ("4c", block(512, 128, (128, 256), (24, 64), 64)),
        ("4d", block(512, 112, (144, 288), (32, 64), 64)), ("4e", block(528, 256, (160, 320), (32, 128), 128)),
        ("5a", nn.Sequential(pool(), block(832, 256, (160, 320), (32, 128), 128))),
        ("5b", block(832, 384, (192, 384), (48, 128), 128)),
    ]
    return [("stem", stem), *((f"inception_{name}/output", module) for name, module in blocks)]


NETWORKS = {"inceptionV3": inception_v3, "inceptionV1": inception_v1}
