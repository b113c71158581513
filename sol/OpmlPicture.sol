// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {OpmlPart} from "./OpmlPart.sol";

/// @title Pictures as outputs
/// @notice Where rows, rectangles and pixels of a picture stand in the output of a model that draws: row by row from the
/// top, pixel by pixel from the left, a byte for each channel.
library OpmlPicture {
    /// @notice Pixels in a row, rows, and bytes of a pixel: 1 for heights and greys, 3 for red, green and blue.
    struct Size {
        uint32 width;
        uint32 height;
        uint8 channels;
    }

    /// @notice A rectangle: its first column and row, and how many of them.
    struct Tile {
        uint32 x;
        uint32 y;
        uint32 width;
        uint32 height;
    }

    /// @notice Some of the rectangle's pixels are not in the picture, or it has none.
    error OutsidePicture(Tile tile, Size size);

    /// @notice Bytes of a picture.
    function bytesOf(Size memory size) internal pure returns (uint256) {
        return uint256(size.width) * size.height * size.channels;
    }

    /// @notice The row `y`.
    function row(Size memory size, uint32 y) internal pure returns (OpmlPart.Runs memory) {
        return tile(size, Tile(0, y, size.width, 1));
    }

    /// @notice The pixel in column `x` of row `y`.
    function pixel(Size memory size, uint32 x, uint32 y) internal pure returns (OpmlPart.Runs memory) {
        return tile(size, Tile(x, y, 1, 1));
    }

    /// @notice A rectangle.
    function tile(Size memory size, Tile memory area) internal pure returns (OpmlPart.Runs memory) {
        bool none = area.width == 0 || area.height == 0;
        bool outside =
            uint256(area.x) + area.width > size.width || uint256(area.y) + area.height > size.height;
        if (none || outside) revert OutsidePicture(area, size);
        uint256 stride = uint256(size.width) * size.channels;
        uint256 offset = stride * area.y + uint256(area.x) * size.channels;
        return OpmlPart.Runs(offset, uint256(area.width) * size.channels, stride, area.height);
    }
}
