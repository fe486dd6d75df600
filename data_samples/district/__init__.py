"""The district: an invented part of Putuo whose streets, firms, waters, monitors and history are all known.

Nothing of the product is imported here, nor the renderer, which draws parts of what is planned here.
"""
