"""The families of those registered: whom we ask when somebody is silent, and who may hear that they are safe."""
